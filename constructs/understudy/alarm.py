"""An alarm: what is wrong, how bad that is, and what to look at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from understudy.metric import Metric

Severity = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Rings when `value` is `comparison` than `threshold` in `datapoints` of the last `periods` periods of `period_seconds`;
    by default in each of them.

    `value` is a metric, or an expression of metric math over `metrics` (CloudWatch User Guide, using metric math; an
    alarm takes ten), or, without `metrics`, a query of Metrics Insights. `missing` says what a period without data counts
    as: usually fine, since quiet is not broken; a thing that stops reporting is `breaching`.
    """

    subject: str
    what: str
    severity: Severity
    meaning: str
    look_first: str
    comparison: Literal["above", "below"]
    threshold: float
    value: Metric | str
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    period_seconds: int = 60
    periods: int = 5
    datapoints: int | None = None
    missing: Literal["notBreaching", "breaching", "ignore"] = "notBreaching"

    @property
    def name(self) -> str:
        """`<subject>-<what>-<severity>`; the environment's prefix comes before it."""
        return f"{self.subject}-{self.what}-{self.severity}"

    @property
    def description(self) -> str:
        """For whoever is called at night."""
        return f"{self.severity.upper()}: {self.meaning} First look: {self.look_first}"
