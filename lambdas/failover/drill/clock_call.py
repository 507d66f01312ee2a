"""Entry of the function that the clock calls: what a drill left is removed, one that is due begins, and one that is late rings."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from failover import locking, metrics
from failover.drill import record, removal, tasks, trend
from failover.drill.models import CLOCK, Plan, plan
from failover.drill.record import Drill
from failover.table import Table
from shared import clock, recovery_table
from shared.aws import client, is_error
from shared.lease_table import LeaseTable
from shared.log import logger

AGAIN_DAYS: Final = 0.9
"""After one that failed, the next is tried on the next day."""
SLACK_DAYS: Final = 0.5
"""The clock is not as exact as that a day were never a second shorter."""


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """Of this function."""

    prefix: str
    aws_region: str
    peer_region: str
    state_machine_arn: str


@cache
def settings() -> Settings:
    """Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """Each hour; `{"hold": true}` once a day, at the time for drills."""
    mine = settings()
    known = plan(mine.prefix)
    table = Table(recovery_table.name(mine.prefix), mine.aws_region)
    left = _sweep(table, known, mine.prefix)
    metrics.put(mine.prefix, {"DrillLeft": float(len(left))})
    told: dict[str, Any] = {"left": left}
    lease = LeaseTable(table.name, mine.aws_region).read()
    if lease is None or lease.holder != mine.peer_region:
        return told | {"not_begun": "this region is not the one that waits"}
    age = trend.read(table, clock.epoch()).age_days(clock.epoch())
    metrics.put(mine.prefix, {"DrillAgeDays": age})
    if event.get("hold"):
        told |= _begin(mine, table, known, age)
    logger.info("the clock has called", extra=told)
    return told


def _sweep(table: Table, known: Plan, cluster: str) -> list[str]:
    """Remove what no drill at work has made; close the record of one whose execution has ended without."""

    def spared() -> Collection[str]:
        found = _newest(table)
        if found is None or not found.at_work or not locking.running(found.execution):
            return ()
        return {found.id, *tasks.tokens(found, known.services)}

    left = removal.remove(known, cluster, spared)
    found = _newest(table)
    if found is not None and found.at_work and not left and not spared():
        ended = replace(
            found,
            state="failed",
            failed_step=found.failed_step or "its execution",
            failed_because=found.failed_because or "ended in the middle",
            removed_at=clock.epoch(),
            ended_at=clock.epoch(),
        )
        table.put(record.ITEM, ended.item, instead_of=table.read(record.ITEM))
    return left


def _newest(table: Table) -> Drill | None:
    item = table.read(record.ITEM)
    return None if item is None else record.drill(item)


def _begin(mine: Settings, table: Table, known: Plan, age: float) -> dict[str, str]:
    if known.days is None or age < known.days - SLACK_DAYS:
        return {"not_begun": f"the last one was {age:.1f} days ago"}
    found = _newest(table)
    if found is not None and clock.epoch() - found.began_at < AGAIN_DAYS * trend.DAY_SECONDS:
        return {"not_begun": f"{found.id} was begun within a day"}
    name = f"clock-{clock.epoch() // trend.DAY_SECONDS:.0f}"
    asked = {"environment": mine.prefix, "because": f"every {known.days} days", "by": CLOCK}
    try:
        begun = client("stepfunctions").start_execution(
            stateMachineArn=mine.state_machine_arn, name=name, input=json.dumps(asked, sort_keys=True)
        )
    except Exception as failure:
        if is_error(failure, "ExecutionAlreadyExists"):
            return {"not_begun": f"{name} was begun before"}
        raise
    return {"begun": begun["executionArn"]}
