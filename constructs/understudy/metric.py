"""A metric of CloudWatch as this project writes it: in alarms, on dashboards, in scaling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One series. `statistic` is taken over each period of whoever reads it."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: str = "Average"
