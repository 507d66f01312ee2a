"""The site's database, in the hands of its administrator: what a look finds, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from math import inf

from region_guard import fence, logins, settings
from region_guard.action import Beat, Fence, State
from shared import heartbeat
from shared.administrators import logins as administrators
from shared.lease import CLOCK_SKEW_SECONDS
from shared.login import Login
from shared.postgresql_administrator import administering
from shared.postgresql_connection import Endpoint, Session
from shared.postgresql_names import Names


@dataclass(frozen=True, slots=True)
class Fenced:
    """What a fence has come to."""

    sessions: int
    """That were still there."""
    position: str
    """Of the log, afterwards (pg_lsn)."""


@dataclass(slots=True)
class Database:
    """A session of one look."""

    settings: settings.Database
    region: str
    session: Session = field(repr=False)

    @property
    def _names(self) -> Names:
        return Names.of(self.settings.user)

    def state(self) -> State:
        """As it is now."""
        writable = not self.session.value(
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
        )
        last = heartbeat.last(self.session)
        ends = self.session.run(
            "SELECT extract(epoch FROM rolvaliduntil)::float8 FROM pg_roles WHERE rolname = :owner AND isfinite(rolvaliduntil)",
            owner=self._names.owner,
        )
        return State(
            writable,
            0 if last is None else last.number,
            float(ends[0][0]) if ends else inf,
            fence.stands(self.session) if writable else None,
        )

    def beat(self, found: State, beat: Beat) -> bool:
        """Everything that `beat` says, or nothing, if another look did something since `found`. Whether it was done."""
        with self.session.transaction():
            self._prepare()
            if heartbeat.beat(self.session, self.region, beat.epoch, after=found.beat) is None:
                return False
            if beat.ends is not None:
                logins.end_at(self.session, self._names, beat.ends)
            if beat.lift:
                fence.lift(self.session, self.settings.name)
        return True

    def fence(self, found: State, fencing: Fence, *, now: float) -> Fenced:
        """Whatever another look did meanwhile. Logins end, too, so that a rotation gives no new one a later end."""
        with self.session.transaction():
            self._prepare()
            # Another look, which began before, finds that it is late, and takes no fence away.
            heartbeat.beat(self.session, self.region, fencing.epoch)
            fence.put(self.session, self.settings.name, fencing.because)
            logins.end_at(self.session, self._names, min(found.ends, now - CLOCK_SKEW_SECONDS))
        sessions = fence.end_sessions(self.session, self.settings.name, self._names)
        return Fenced(sessions, fence.position(self.session))

    def _prepare(self) -> None:
        heartbeat.prepare(self.session)
        fence.prepare(self.session)
        logins.prepare(self.session)


@cache
def _known() -> dict[str, Login]:
    """The login that worked last, by its secret: so that Secrets Manager is asked once in a password's life."""
    return {}


@contextmanager
def opened(database: settings.Database, region: str) -> Iterator[Database]:
    """Raises Told if the server takes no login or is not there, and whatever Secrets Manager answers."""
    known = _known().get(database.secret_arn)
    found = chain([known] if known else [], administrators(database.secret_arn))
    endpoint = Endpoint(database.host, database.port)
    with administering(endpoint, found, heartbeat.DATABASE, limits=heartbeat.BRISK) as session:
        _known()[database.secret_arn] = session.login
        yield Database(database, region, session)
