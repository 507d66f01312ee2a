"""A lease in a recovery table, of whatever region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from shared.items import Value, read, written
from shared.lease import Lease
from shared.recovery_table import KEY, dynamodb, key, name, stands_instead

ITEM: Final = "lease"


@dataclass(frozen=True, slots=True)
class LeaseTable:
    """`table` in `region`, as a place of the lease. Calls raise botocore's exceptions."""

    table: str
    region: str
    seconds: float | None = None
    """Of a client that is in a hurry (shared.recovery_table)."""

    def ready(self) -> LeaseTable:
        """Itself, with its client made: botocore's sessions are not for several threads at once."""
        dynamodb(self.region, self.seconds)
        return self

    def read(self) -> Lease | None:
        """Consistent with every write before it."""
        answer = dynamodb(self.region, self.seconds).get_item(TableName=self.table, Key=key(ITEM), ConsistentRead=True)
        return lease_of(read(answer["Item"])) if "Item" in answer else None

    def write(self, lease: Lease, *, instead_of: Lease | None) -> bool:
        """Conditional on the serial of `instead_of`, or on there being none."""
        condition: dict[str, Any] = {
            "ConditionExpression": "attribute_not_exists(#name)",
            "ExpressionAttributeNames": {"#name": KEY},
        }
        if instead_of is not None:
            condition = {
                "ConditionExpression": "#name = :seen",
                "ExpressionAttributeNames": {"#name": "serial"},
                "ExpressionAttributeValues": written({":seen": instead_of.serial}),
            }
        try:
            dynamodb(self.region, self.seconds).put_item(
                TableName=self.table,
                Item=written({KEY: ITEM, **asdict(lease)}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except Exception as failure:  # noqa: BLE001 - any but the one is raised again
            # The client asks again when an answer is lost: then it is this very write that stands there.
            stands = stands_instead(failure)
            return stands is not None and lease_of(stands) == lease
        return True


def holder(prefix: str, region: str) -> str | None:
    """The region that holds the lease, as the table in `region` says; None if nobody ever did."""
    lease = LeaseTable(name(prefix), region).read()
    return lease.holder if lease else None


def lease_of(item: Mapping[str, Value]) -> Lease:
    """From the item as it is stored."""
    promised_to = item.get("promised_to")
    return Lease(
        holder=str(item["holder"]),
        epoch=int(item["epoch"] or 0),
        until=float(item["until"] or 0),
        serial=int(item["serial"] or 0),
        promised_to=None if promised_to is None else str(promised_to),
        promised_epoch=int(item.get("promised_epoch") or 0),
    )
