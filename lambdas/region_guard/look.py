"""One look of the guard: what the tables say, what they grant, and what comes of it for the database."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from region_guard.action import Action, Beat, Fence, State, action
from region_guard.database import Database, opened
from region_guard.places import PLACE_SECONDS, Own, Places
from region_guard.settings import Settings
from region_guard.standing import OWN, UNANSWERED, Seen, Standing, standing
from shared import clock, recovery_table
from shared.attempt import Attempt, attempt
from shared.handover import HandoverTable
from shared.log import logger


@dataclass(frozen=True, slots=True)
class Report:
    """What a look found and did."""

    standing: Standing
    asked: frozenset[str]
    """Places that should have granted something."""
    granted: frozenset[str]
    until: float | None
    """Epoch seconds: what the site was granted in this look."""
    action: Action | None = None
    """What was done to the database; None: there is none, or nothing could be done."""
    failure: str | None = None
    """Why nothing could be done."""


@dataclass(slots=True)
class Look:
    """By one call of the function."""

    settings: Settings
    started: float
    """When its execution of the workflow began; epoch seconds."""
    began: float
    """When the look began; epoch seconds. What it is granted is counted from then."""

    def take(self) -> Report | None:
        """All of it; None if a newer execution looks, and this one is not needed any more."""
        tables = Places(self.settings)
        others = tables.read_others()
        with ExitStack() as stack:
            database = attempt(lambda: self._found(stack), {"part": "database"})
            # After the database: what it says is older than what stands in the table, so no fence is taken away for a
            # request that was read before there was one.
            own = tables.read_own(self.began)
            if own.newest > self.started:
                return None
            if own.seen.answered and own.newest < self.started:
                tables.begin_loop(self.started)
            seen = {OWN: own.seen, **dict.fromkeys(tables.granting, UNANSWERED), **others.answers()}
            where = standing(self.settings.region, seen, begins=self.settings.active)
            stopped = self._stopped(own, database)
            holds = where.role in {"holder", "first"} and not stopped
            until = self.began + self.settings.lease_seconds
            granted = tables.renew(where, until) if holds else set()
            if granted:
                tables.mend(where, until)
            report = Report(
                standing=where,
                asked=frozenset(tables.granting) if holds else frozenset(),
                granted=frozenset(granted),
                until=until if granted else None,
                failure=database.failure,
            )
            return self._acted(report, database, own, tables, seen)

    def _found(self, stack: ExitStack) -> tuple[Database, State] | None:
        if self.settings.database is None:
            return None
        database = stack.enter_context(opened(self.settings.database, self.settings.region))
        return database, database.state()

    def _stopped(self, own: Own, database: Attempt[tuple[Database, State] | None]) -> bool:
        """Whether the site was asked to stop. If that cannot be known, one that stopped goes on being asked."""
        fenced = database.value is not None and database.value[1].fenced == "handover"
        return fenced if own.handover is None else own.handover

    def _acted(
        self,
        report: Report,
        database: Attempt[tuple[Database, State] | None],
        own: Own,
        tables: Places,
        seen: dict[str, Seen],
    ) -> Report:
        """With what was done to the database."""
        if database.value is None:
            if self.settings.database is None and own.request is not None:
                self._hand_over(own, tables, seen, None)
            return report
        connected, found = database.value
        wanted = action(
            found,
            report.standing,
            granted=report.until,
            handover=own.handover,
            witnessed=self.settings.witness_region is not None,
            heartbeat_seconds=self.settings.heartbeat_seconds,
            now=clock.epoch(),
        )
        done = attempt(lambda: self._done(connected, found, wanted, own, tables, seen), {"part": "database"})
        if done.failure is not None:
            return _with(report, None, done.failure)
        return _with(report, wanted, None)

    def _done(
        self,
        database: Database,
        found: State,
        wanted: Action,
        own: Own,
        tables: Places,
        seen: dict[str, Seen],
    ) -> None:
        if isinstance(wanted, Beat) and not database.beat(found, wanted):
            logger.info("Another look was faster")
        if isinstance(wanted, Fence):
            fenced = database.fence(found, wanted, now=clock.epoch())
            logger.warning("Fenced", extra={"because": wanted.because, "sessions": fenced.sessions})
            if wanted.because == "handover" and fenced.sessions == 0:
                self._hand_over(own, tables, seen, fenced.position)

    def _hand_over(self, own: Own, tables: Places, seen: dict[str, Seen], position: str | None) -> None:
        """Nobody writes any more: the lease ends, and who asked is told how far he has to replay."""
        if own.request is None or own.request.fenced_at is not None:
            return
        tables.surrender(seen, clock.epoch())
        # In this order: who reads it may begin to take the lease.
        table = HandoverTable(recovery_table.name(self.settings.prefix), self.settings.region, PLACE_SECONDS)
        table.acknowledge(own.request.execution, fenced_at=clock.epoch(), position=position)


def _with(report: Report, action: Action | None, failure: str | None) -> Report:
    return Report(report.standing, report.asked, report.granted, report.until, action, failure)
