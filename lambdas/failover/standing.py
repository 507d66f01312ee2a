"""Whether this site is the active one: then nothing is left to be taken over, whatever is seen of the other one."""

from __future__ import annotations

from failover import record
from failover.table import Table
from shared import lease_table, recovery_table


def has_taken_over(prefix: str, region: str) -> bool:
    """Whether `region`, which is this site's, holds the lease and no failover to it was left half-way.

    What the other one is like moves nothing any more then, though it is watched until the spec says who is active
    (`recovery.active`). Raises botocore's exceptions.
    """
    item = Table(recovery_table.name(prefix), region).read(record.ITEM)
    unfinished = item is not None and item["state"] not in record.FINAL
    return not unfinished and lease_table.holder(prefix, region) == region
