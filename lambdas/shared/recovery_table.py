"""The table `<prefix>-recovery`, one in each site's region and one at the witness: its key, and who asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shared import aws
from shared.items import Value, read, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEY: Final = "item"
"""The one key, a string."""
EXPIRY: Final = "expires_at"
"""Epoch seconds, of items that leave; some days later DynamoDB removes them."""


def name(prefix: str) -> str:
    """Of the table, in every region."""
    return f"{prefix}-recovery"


def key(item: str) -> dict[str, Any]:
    """As requests want it."""
    return written({KEY: item})


def dynamodb(region: str, seconds: float | None) -> DynamoDBClient:
    """For tables of `region`. `seconds`: for a connection, and for an answer, without another try; None: as other calls have it."""
    if seconds is None:
        return aws.client("dynamodb", region)
    prompt: DynamoDBClient = aws.prompt("dynamodb", region, seconds)
    return prompt


def stands_instead(failure: Exception) -> dict[str, Value] | None:
    """What a conditional write found, if that is why it failed and it asked for ALL_OLD. Raises any other failure again."""
    if not aws.is_error(failure, "ConditionalCheckFailedException"):
        raise failure
    found = getattr(failure, "response", {}).get("Item")
    return read(found) if found else None
