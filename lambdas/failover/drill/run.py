"""One look of one step of a drill: everything that it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from failover import locking, metrics
from failover.drill import record
from failover.drill.models import Plan, Request, request
from failover.drill.record import Drill
from failover.models import Refused
from failover.run import Changed, Run
from failover.table import Item


@dataclass(kw_only=True)
class DrillRun(Run):
    """Of the execution `event.execution`. `plan` and `record` are those of the failover, which a drill only reads."""

    known: Plan
    _item: Item | None = field(init=False, default=None)

    @cached_property
    def asked(self) -> Request:
        """What the execution was asked for. Raises Refused."""
        return request(self.event.input, self.settings.prefix)

    @property
    def newest(self) -> Drill | None:
        """The newest drill of this site, whoever holds it; None before the first."""
        self._item = self.own.read(record.ITEM)
        return None if self._item is None else record.drill(self._item)

    @property
    def drill(self) -> Drill:
        """The one that this execution holds. Raises Refused if it holds none."""
        found = self.newest
        if found is None or found.execution != self.event.execution:
            raise Refused("this execution holds no drill")
        return found

    @property
    def holds(self) -> bool:
        """Whether the newest drill is this execution's."""
        found = self.newest
        return found is not None and found.execution == self.event.execution

    def note(self, changed: Drill) -> Drill:
        """Put `changed` in the place of what was read last. Raises Changed."""
        if not self.own.put(record.ITEM, changed.item, instead_of=self._item):
            raise Changed("somebody else wrote the record of the drill at the same time")
        return self.drill

    @property
    def in_the_way(self) -> str:
        """Why there must be no drill now, or no longer: this site does not wait, or a failover is at work or has left something to
        go on with. Empty if nothing is in the way.
        """
        lease = self.lease_here.read()
        if lease is None or lease.holder != self.settings.peer_region:
            return f"{self.settings.aws_region} is not the region that waits"
        lock = self.own.read(locking.ITEM)
        if lock is not None:
            return f"a failover is at work: {lock['execution']}"
        found = self.record
        return f"the failover {found.id} has to be gone on with" if found is not None and found.unfinished else ""

    def measure(self, **numbers: float) -> None:
        """For alarms and dashboard."""
        metrics.put(self.settings.prefix, numbers)
