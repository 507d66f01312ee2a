"""Two sites and a witness in virtual time: what lives there without any failover, and what can happen to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from failing_over.names import BEAT, BEGIN, HOME, LEASE, PROBE, SERVICES, THERE, WITNESS, plan
from failing_over.tables import Tables
from permissions.recorded_aws import Refused

from shared import lease
from shared.heartbeat import Beat


@dataclass
class Sites:
    """What is, and what happens by itself. Times are virtual epoch seconds."""

    witness: bool = True
    approval: bool = False
    database: bool = True
    files: bool = True
    now: float = BEGIN
    alive: bool = True
    """Whether the active site works at all."""
    reaches_us: bool = True
    """Whether the active site reaches the waiting one: its table, and its replica."""
    reached: bool = True
    """Whether the waiting site reaches the active one's table."""
    witness_reached: bool = True
    """Whether the waiting site reaches the witness."""
    answers: bool = True
    """Whether users are served by it."""
    lag: float = 0.0
    """Seconds by which the replica is behind."""
    promotes: bool = True
    """Whether a promotion comes to an end."""
    promotion_seconds: float = 60.0
    files_end_seconds: float = 70.0
    """That EFS takes to end a replication."""
    files_refused: bool = False
    """Whether EFS refuses to."""
    capacity: int = 100
    """Tasks that the waiting region has room for."""
    smoke: list[str] = field(default_factory=list)
    health: Mapping[str, Any] | Refused = Refused("SubscriptionRequiredException")  # noqa: RUF009 - it is frozen

    look: Callable[[], object] = lambda: None
    """What the waiting site's eyes do."""
    promoted_at: float | None = None
    promotions: int = 0
    files_ended_at: float | None = None
    """When files took writes, or will."""
    files_ended: list[str] = field(default_factory=list)
    """How each end of their replication was asked for."""
    desired: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))
    bounds: dict[str, tuple[int, int]] = field(default_factory=dict)
    active: str = HOME
    """What the key-value store says."""
    writable: list[tuple[float, frozenset[str]]] = field(default_factory=list)
    """Which sites took writes, second by second."""
    messages: list[tuple[str, str]] = field(default_factory=list)
    """Subject and body of everything that people were told."""
    objects: list[str] = field(default_factory=list)
    """What was put into the bucket."""
    tables: Tables = field(default_factory=Tables)
    beat: Beat | None = None
    """The newest that the waiting site's database has."""
    _granted: float = BEGIN
    _fenced: bool = False
    _inside: bool = False
    _second: float = BEGIN

    # --- time ------------------------------------------------------------------------------------------------------

    def epoch(self) -> float:
        """As every clock says."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self._second + 1.0)
            if self.now >= self._second + 1.0:
                self._second = self.now
                self._pass()

    def _pass(self) -> None:
        """One second of everybody's life."""
        if self._inside:
            return
        self._inside = True
        try:
            second = int(self.now - BEGIN)
            if second % int(BEAT) == 0:
                self._guard_at_home()
                self._guard_there()
            if second % int(PROBE) == 0:
                self.look()
            sites = {HOME} if self.writes_at_home else set()
            sites |= {THERE} if self.writes_there else set()
            self.writable.append((self.now, frozenset(sites)))
        finally:
            self._inside = False

    @property
    def plan(self) -> dict[str, Any]:
        """As the template wrote it."""
        return plan(witness=self.witness, approval=self.approval, database=self.database, files=self.files)

    # --- the sites -------------------------------------------------------------------------------------------------

    @property
    def writes_at_home(self) -> bool:
        """Its logins are valid until the end of what was granted to it."""
        return self.alive and not self._fenced and (not self.witness or self.now < self._granted)

    @property
    def writes_there(self) -> bool:
        """Its guard has opened a database that is promoted."""
        return not self.in_recovery and self.beat is not None and self.beat.region == THERE

    @property
    def in_recovery(self) -> bool:
        """Whether its database is a standby still."""
        return self.promoted_at is None or self.now < self.promoted_at

    def _guard_at_home(self) -> None:
        if not self.alive:
            return
        asked = self.tables.get(HOME, "handover")
        if asked and float(asked["expires_at"] or 0) > self.now:
            self._stop_at_home(asked)
            return
        self._fenced = False
        until = self.now + LEASE
        granting = ([THERE] if self.reaches_us else []) + ([WITNESS] if self.witness else [])
        seen = {region: self.tables.lease(region).read() for region in (HOME, *granting)}
        leases = list(seen.values())
        epoch = lease.tenure(HOME, leases)
        if epoch is None or lease.superseded(HOME, leases):
            return
        for region in granting:
            found = seen[region]
            assert found is not None
            if lease.renew(self.tables.lease(region), found, HOME, epoch, until):
                self._granted = max(self._granted, until)
        if self.writes_at_home and self.reaches_us and self.in_recovery:
            written = date(self.now - self.lag)
            if self.beat is None or written > self.beat.written_at:
                self.beat = Beat(HOME, 1, 1, written)

    def _stop_at_home(self, asked: Mapping[str, Any]) -> None:
        self._fenced = True
        for region in [THERE] + ([WITNESS] if self.witness else []):
            place = self.tables.lease(region)
            seen = place.read()
            assert seen is not None
            lease.surrender(place, seen, HOME, self.now)
        self.tables.set(HOME, "handover", {"fenced_at": self.now, "position": "0/5000000", **asked})

    def _guard_there(self) -> None:
        found = self.tables.lease(THERE).read()
        if not self.in_recovery and found is not None and found.holder == THERE:
            self.beat = Beat(THERE, found.epoch, 1, date(self.now))

    def die(self) -> None:
        """The active site's region goes dark."""
        self.alive = self.reached = self.reaches_us = self.answers = False

    def rise(self) -> None:
        """It comes back."""
        self.alive = self.reached = self.reaches_us = self.answers = True

    def split(self) -> None:
        """The active site lives, and neither the waiting one nor the witness nor a user reaches it."""
        self.reached = self.reaches_us = self.answers = False


def date(moment: float) -> datetime:
    """Of an epoch second."""
    return datetime.fromtimestamp(moment, UTC)
