"""What the tables of the lease say against a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared import lease, recovery_table
from shared.asking import Asking
from shared.lease import Lease
from shared.lease_table import LeaseTable
from shared.told import Told
from stack_hook.models import Settings

TABLE_SECONDS: Final = 2.0
"""For a connection, and for an answer: a region that is lost gives none."""


@dataclass(frozen=True, slots=True)
class Leases:
    """What those tables said that could be asked."""

    seen: tuple[Lease, ...]
    silent: tuple[str, ...]
    """Regions that did not answer."""

    @classmethod
    def read(cls, own: Settings) -> Leases:
        """From all tables at once. Raises Told if this region's own does not answer."""
        table = recovery_table.name(own.prefix)
        calls = {region: LeaseTable(table, region, TABLE_SECONDS).ready().read for region in own.regions}
        answers = Asking(calls, 2 * TABLE_SECONDS).begin().answers()
        silent = tuple(region for region in own.regions if region not in answers)
        if own.regions[0] in silent:
            raise Told(f"the table of this region ({own.regions[0]}), which says who takes writes, does not answer")
        return cls(tuple(found for found in answers.values() if found is not None), silent)

    def contradict(self, active: str) -> str | None:
        """The region that holds the lease, if that is another one than `active`; None if it is not, or nobody ever did."""
        if not lease.superseded(active, self.seen):
            return None
        return max(self.seen, key=lambda each: each.epoch).holder
