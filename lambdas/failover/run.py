"""One look of one step: everything that it works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from failover import observations, record
from failover.models import Event, Failure, Plan, Refused, Request, Settings, request
from failover.record import Record
from failover.signals import Observation
from failover.table import Table
from shared import clock
from shared.handover import HandoverTable
from shared.lease_table import LeaseTable
from shared.told import Told

PEER_SECONDS: Final = 2.0
"""For a connection to the other site or the witness, and for its answer: either may be lost."""


class Changed(Told):
    """Somebody else wrote the record at the same time."""


@dataclass
class Run:
    """Of the execution `event.execution`."""

    event: Event
    settings: Settings
    plan: Plan
    _record: Record | None = field(init=False, default=None)
    _read: bool = field(init=False, default=False)

    @cached_property
    def request(self) -> Request:
        """What the execution was asked for. Raises Refused."""
        return request(self.event.input, self.settings.prefix)

    @property
    def name(self) -> str:
        """Of the execution."""
        return self.event.execution.rsplit(":", 1)[-1]

    @property
    def failure(self) -> Failure:
        """Of the step that this one deals with. Raises Told without one."""
        if self.event.failed is None:
            raise Told(f"{self.event.step} was not told which step failed")
        return self.event.failed

    @property
    def began_at(self) -> float:
        """When the execution began; epoch seconds."""
        return datetime.fromisoformat(self.event.started_at).timestamp()

    @property
    def own(self) -> Table:
        """The table of the site that the function is in."""
        return Table(self.settings.table, self.settings.aws_region)

    @property
    def handover(self) -> HandoverTable:
        """Where the other site's guard is asked to stop."""
        return HandoverTable(self.settings.table, self.settings.peer_region, PEER_SECONDS)

    @property
    def lease_here(self) -> LeaseTable:
        """The lease as this site's table has it."""
        return LeaseTable(self.settings.table, self.settings.aws_region)

    @property
    def lease_witness(self) -> LeaseTable | None:
        """The same at the witness."""
        region = self.settings.witness_region
        return LeaseTable(self.settings.table, region, PEER_SECONDS) if region else None

    @property
    def observations(self) -> Sequence[Observation]:
        """What this site saw of the other one, oldest first; nothing from before the end of a failover that was undone, when the
        other site was as it was because of that.
        """
        found = self.record
        since = 0.0 if found is None or found.watched_from is None else found.watched_from
        return [each for each in observations.read(self.own) if each.at > since]

    @property
    def record(self) -> Record | None:
        """The failover that this site knows of, whoever began it; None if there never was one."""
        if not self._read:
            item = self.own.read(record.ITEM)
            self._record = None if item is None else record.record(item)
            self._read = True
        return self._record

    @property
    def mine(self) -> Record:
        """The failover that this execution is at work on. Raises Refused if it is none."""
        found = self.record
        if found is None or found.execution != self.event.execution:
            raise Refused("another execution has taken this failover over")
        return found

    def write(self, changed: Record) -> Record:
        """Put `changed` in the record's place. Raises Changed."""
        seen = self.record
        if not self.own.put(record.ITEM, changed.item(), instead_of=None if seen is None else seen.item()):
            raise Changed("somebody else wrote the record of the failover at the same time")
        self._read = False
        written = self.record
        assert written is not None  # noqa: S101 - it was just written
        return written

    @property
    def now(self) -> float:
        """Epoch seconds."""
        return clock.epoch()
