"""What came of a rehearsal of a failover, and whether that was right. Seconds are virtual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rehearsal.failover.ending import Ending
from rehearsal.failover.plan import Plan

LEAST_WRITES: Final = 100
"""Acknowledged to users and workers: with fewer nothing was rehearsed. Users alone may be cut off from the beginning to the end."""
SKEW_SECONDS: Final = 0.5
"""By how much two servers' clocks may differ here, at the most: as libfaketime and a busy machine have it."""
EXTRA_SECONDS: Final = 5.0
"""By which the measured loss may exceed what the gate computed from heartbeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One rehearsal's."""

    plan: Plan
    ending: Ending
    right_endings: frozenset[Ending]
    may_lose: bool
    rto_seconds: float
    rpo_seconds: float
    active: str
    """Region that users are sent to at the end."""
    acknowledged: int
    """To users and workers."""
    served: int
    """To users alone."""
    lost: int
    lost_span: tuple[float, float] | None
    """Between the first and the last of them, in seconds since the fault struck; None where nothing was lost."""
    recovery_seconds: float | None
    """From the fault until users were served for good; 0: they were all the time. None: they never were again."""
    overlap_seconds: float
    """For how long two databases took writes; 0 or less: they never did at the same time."""
    promotions: int
    messages: tuple[str, ...]
    """Subjects of those that people got of the failover."""
    seconds: float
    """The whole, real."""
    troubles: tuple[str, ...] = ()

    @property
    def wrongs(self) -> tuple[str, ...]:
        """Everything that was not as it must be; none: the outcome is right."""
        return tuple(text for wrong, text in (*self._ends(), *self._writes()) if wrong)

    @property
    def lost_seconds(self) -> float:
        """How much of the writers' time is lost: from the first missing write to the last."""
        return 0.0 if self.lost_span is None else self.lost_span[1] - self.lost_span[0]

    def _ends(self) -> Iterable[tuple[bool, str]]:
        wanted = " or ".join(sorted(self.right_endings))
        yield self.ending not in self.right_endings, f"it ended as `{self.ending}`, not as `{wanted}`"
        late = self.recovery_seconds is not None and self.recovery_seconds > self.rto_seconds
        lost_again = self.ending in ("went on", "recovered") and self.recovery_seconds is None
        yield lost_again, f"it ended as `{self.ending}`, and users were not served"
        yield late, f"recovered after {self.recovery_seconds or 0:.0f} s, promised {self.rto_seconds:.0f}"
        yield self.promotions > 1, f"{self.promotions} promotions were begun"
        yield self.ending == "asked" and not self.messages, "nobody was told"
        for trouble in self.troubles:
            yield True, trouble

    def _writes(self) -> Iterable[tuple[bool, str]]:
        yield self.acknowledged < LEAST_WRITES, f"only {self.acknowledged} writes were acknowledged, of {LEAST_WRITES}"
        yield (
            self.overlap_seconds > SKEW_SECONDS,
            f"two databases took writes at the same time, for {self.overlap_seconds:.1f} s",
        )
        yield (
            self.lost_seconds > self.rpo_seconds,
            f"writes of {self.lost_seconds:.0f} s are lost, promised {self.rpo_seconds:.0f}",
        )
        nothing = not self.may_lose or self.ending == "went on"
        yield nothing and self.lost > 0, f"{self.lost} acknowledged writes are lost, and none may be"
