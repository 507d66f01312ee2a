"""A planned change of sites: the item by which the waiting site asks the active one to stop, in the active one's table.

The active site's guard ends every session, has no lease renewed, and writes into the item how far its log had come then.
Who asked replays that far, and takes the lease. A request has an end, so that a workflow that was lost keeps nobody shut
out: from then on, unless the other one has the lease, the guard goes on as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from shared.items import Value, read, written
from shared.recovery_table import EXPIRY, KEY, dynamodb, key, stands_instead

ITEM: Final = "handover"


@dataclass(frozen=True, slots=True)
class Handover:
    """A request, and what became of it."""

    execution: str
    """Who asks: the failover's execution."""
    to: str
    """The region that wants the lease."""
    until: float
    """Epoch seconds: nobody heeds it afterwards."""
    fenced_at: float | None = None
    """Epoch seconds: since then nobody has written, and nobody can. None: not yet."""
    position: str | None = None
    """Of the log (pg_lsn), behind everything that was ever written; None without a database."""


def handover_of(item: Mapping[str, Value]) -> Handover:
    """From the item as it is stored."""
    fenced_at, position = item.get("fenced_at"), item.get("position")
    return Handover(
        execution=str(item["execution"]),
        to=str(item["to"]),
        until=float(item[EXPIRY] or 0),
        fenced_at=None if fenced_at is None else float(fenced_at),
        position=None if position is None else str(position),
    )


@dataclass(frozen=True, slots=True)
class HandoverTable:
    """The active site's `table`, in `region`. Calls raise botocore's exceptions."""

    table: str
    region: str
    seconds: float | None = None
    """Of a client that is in a hurry (shared.recovery_table)."""

    def ask(self, request: Handover, *, now: float) -> bool:
        """Put the request, unless one stands there that is not over at `now`. Whether it stands there: again, nothing changes."""
        values: dict[str, Value] = {"execution": request.execution, "to": request.to, EXPIRY: ceil(request.until)}
        try:
            dynamodb(self.region, self.seconds).put_item(
                TableName=self.table,
                Item=written({KEY: ITEM, **values}),
                ConditionExpression="attribute_not_exists(#item) OR #expiry < :now",
                ExpressionAttributeNames={"#item": KEY, "#expiry": EXPIRY},
                ExpressionAttributeValues=written({":now": now}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except Exception as failure:  # noqa: BLE001 - any but the one is raised again
            stands = stands_instead(failure)
            return stands is not None and stands.get("execution") == request.execution
        return True

    def look(self) -> Handover | None:
        """What stands there; None if nobody asked."""
        answer = dynamodb(self.region, self.seconds).get_item(TableName=self.table, Key=key(ITEM), ConsistentRead=True)
        return handover_of(read(answer["Item"])) if "Item" in answer else None

    def acknowledge(self, execution: str, *, fenced_at: float, position: str | None) -> bool:
        """Say that nobody writes any more. Whether the request still stood."""
        try:
            dynamodb(self.region, self.seconds).update_item(
                TableName=self.table,
                Key=key(ITEM),
                UpdateExpression="SET fenced_at = :at, #position = :position",
                ConditionExpression="execution = :execution",
                ExpressionAttributeNames={"#position": "position"},
                ExpressionAttributeValues=written({":execution": execution, ":at": fenced_at, ":position": position}),
            )
        except Exception as failure:  # noqa: BLE001 - any but the one is raised again
            stands_instead(failure)
            return False
        return True

    def withdraw(self, execution: str) -> None:
        """Take the request back: at the end, and when nothing comes of it. What another execution asked stays."""
        try:
            dynamodb(self.region, self.seconds).delete_item(
                TableName=self.table,
                Key=key(ITEM),
                ConditionExpression="execution = :execution",
                ExpressionAttributeValues=written({":execution": execution}),
            )
        except Exception as failure:  # noqa: BLE001 - any but the one is raised again
            stands_instead(failure)
