"""What a drill says about the recovery time: each part of it as it was measured, or else as the spec counts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from failover.drill.models import Term

PER_SERVICE: Final = ("start of tasks", "health checks")
"""Terms that are measured service by service. Where they pass side by side the spec names one for all, and the slowest counts."""


@dataclass(frozen=True, slots=True)
class Part:
    """One term."""

    what: str
    expected_seconds: float
    measured_seconds: float | None
    """None where a copy cannot tell."""

    @property
    def seconds(self) -> float:
        """What counts."""
        return self.expected_seconds if self.measured_seconds is None else self.measured_seconds


def parts(terms: Sequence[Term], measured: Mapping[str, float]) -> list[Part]:
    """All of them, in the spec's order."""
    return [Part(term.what, term.seconds, _measured(term.what, measured)) for term in terms]


def recovery_seconds(found: Sequence[Part]) -> float:
    """Their sum, as the spec's: one after the other."""
    return sum(part.seconds for part in found)


def _measured(what: str, measured: Mapping[str, float]) -> float | None:
    if what in PER_SERVICE:
        return max((seconds for name, seconds in measured.items() if name.startswith(f"{what} of ")), default=None)
    return measured.get(what)
