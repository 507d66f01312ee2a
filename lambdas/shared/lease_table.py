"""A lease in a DynamoDB table, of whatever region. Each recovery table has the item, beside others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from shared import aws
from shared.aws import is_error
from shared.items import Value, read, written
from shared.lease import Lease

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEY: Final = "item"
"""The table's one key, a string."""
ITEM: Final = "lease"


@dataclass(frozen=True, slots=True)
class LeaseTable:
    """`table` in `region`, as a place of the lease. Calls raise botocore's exceptions."""

    table: str
    region: str
    seconds: float | None = None
    """For a connection, and for an answer, without another try. None: as other calls have it (shared.aws)."""

    def read(self) -> Lease | None:
        """Consistent with every write before it."""
        answer = self._client.get_item(TableName=self.table, Key=written({KEY: ITEM}), ConsistentRead=True)
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
            self._client.put_item(
                TableName=self.table,
                Item=written({KEY: ITEM, **asdict(lease)}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except Exception as failure:
            if not is_error(failure, "ConditionalCheckFailedException"):
                raise
            # The client asks again when an answer is lost: then it is this very write that stands there.
            stands: Mapping[str, Any] | None = getattr(failure, "response", {}).get("Item")
            return stands is not None and lease_of(read(stands)) == lease
        return True

    @property
    def _client(self) -> DynamoDBClient:
        if self.seconds is None:
            return aws.client("dynamodb", self.region)
        client: DynamoDBClient = aws.prompt("dynamodb", self.region, self.seconds)
        return client


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
