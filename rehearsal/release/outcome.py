"""What came of a release, and whether that was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rehearsal.release.load.record import Record
from rehearsal.release.prediction import Prediction
from rehearsal.release.versions import OLD, VersionName

LEAST_REQUESTS: Final = 20_000
TOLERANCE: Final = 0.15
"""By how much more than the worst case predicted the measured exposure may be: dice, and a machine that has other work."""


@dataclass(frozen=True, slots=True)
class Served:
    """The requests of a rehearsal, counted."""

    sent: int
    by_version: Counter[str]
    """Answers below 500 by the version that gave them; empty: the load balancer itself."""
    failed_by_new: int
    """Failed requests that the new version answered, or whose connection it broke."""
    failed_otherwise: int
    users: int
    """Who sent at least one request."""
    users_met_new: int
    first_met: float
    """Real epoch of the first request that the new version answered; 0 if it answered none."""
    last_met: float
    examples: tuple[Record, ...]
    """Some of those that failed otherwise."""


def count(records: Iterable[Record], new: str, places_of_new: frozenset[str]) -> Served:
    """Count requests; `places_of_new`: `backend/place` of the new version's tasks, for answers that the load balancer
    gave in its place.
    """
    by_version: Counter[str] = Counter()
    everybody: set[int] = set()
    met: set[int] = set()
    moments: list[float] = []
    sent = failed_by_new = 0
    otherwise: list[Record] = []
    for record in records:
        sent += 1
        everybody.add(record.user)
        by_new = record.version == new or (record.version == "" and record.target in places_of_new)
        if by_new:
            met.add(record.user)
            moments.append(record.epoch)
        if not record.failed:
            by_version[record.version] += 1
        elif by_new:
            failed_by_new += 1
        else:
            otherwise.append(record)
    return Served(
        sent,
        by_version,
        failed_by_new,
        len(otherwise),
        len(everybody),
        len(met),
        min(moments, default=0.0),
        max(moments, default=0.0),
        tuple(otherwise[:5]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A whole rehearsal; minutes are virtual."""

    engine: str
    strategy: str
    version: VersionName
    speed: float
    served: Served
    live: tuple[str, ...]
    """Versions whose tasks run at the end."""
    schema: tuple[str, ...]
    stack_status: str
    minutes: float
    """From CloudFormation's begin to a settled stack."""
    rollback_minutes: float | None
    """From the verdict against the new version to a settled stack; None when there was none."""
    release_objective: float
    rollback_objective: float
    exposed_seconds: float
    predicted: Prediction
    restarts: int
    """Of the load balancer during the release: none should be needed."""
    troubles: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the version that was released has no fault."""
        return self.version == "good"

    @property
    def share_of_users(self) -> float:
        """Who met the new version."""
        return self.served.users_met_new / self.served.users if self.served.users else 0.0

    @property
    def wrongs(self) -> tuple[str, ...]:
        """Everything that was not as it must be; none: the outcome is right."""
        return tuple(text for wrong, text in (*self._ends(), *self._requests(), *self._times()) if wrong)

    def _ends(self) -> Iterable[tuple[bool, str]]:
        wanted = f"new-{self.version}" if self.good else OLD.name
        yield self.live != (wanted,), f"live at the end: {', '.join(self.live) or 'nothing'}, not {wanted} alone"
        ended = "UPDATE_COMPLETE" if self.good else "UPDATE_ROLLBACK_COMPLETE"
        yield self.stack_status != ended, f"the stack ended as {self.stack_status}, not {ended}"
        if self.version == "bad-migration":
            yield self.schema != ("1",), f"half a migration has stayed: {', '.join(self.schema)}"
        if self.good:
            yield self.schema != ("1", "2", "column"), f"the schema is not the new version's: {', '.join(self.schema)}"
        yield self.restarts > 0, f"the load balancer went over to a new configuration {self.restarts} times"
        for trouble in self.troubles:
            yield True, trouble

    def _requests(self) -> Iterable[tuple[bool, str]]:
        served = self.served
        yield served.sent < LEAST_REQUESTS, f"only {served.sent} requests were sent, of {LEAST_REQUESTS} at least"
        yield served.failed_otherwise > 0, f"{served.failed_otherwise} requests failed that no bad version answered"
        yield (
            self.good and served.failed_by_new > 0,
            f"{served.failed_by_new} requests failed at a version without a fault",
        )

    def _times(self) -> Iterable[tuple[bool, str]]:
        late = self.rollback_minutes is not None and self.rollback_minutes > self.rollback_objective
        if self.good:
            yield (
                self.minutes > self.release_objective,
                f"{self.minutes:.1f} minutes, promised {self.release_objective:g}",
            )
            return
        yield late, f"rolled back in {self.rollback_minutes or 0:.1f} minutes, promised {self.rollback_objective:g}"
        most = self.predicted.users[1] * (1 + TOLERANCE) + 0.01
        measured = self.share_of_users
        yield measured > most, f"{measured:.1%} of the users met it, predicted {self.predicted.users[1]:.1%} at most"
