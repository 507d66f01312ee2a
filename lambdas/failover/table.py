"""The recovery table of a site: items by name, written on condition, so that of two who write one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared.items import Value, read, written
from shared.recovery_table import KEY, dynamodb, key, stands_instead

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Item = Mapping[str, Value]
"""Attributes, the key left out."""
SERIAL: Final = "serial"
"""Number of an item's version."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table `name` in `region`. Calls raise botocore's exceptions."""

    name: str
    region: str
    seconds: float | None = None
    """Of a client that is in a hurry (shared.recovery_table)."""

    def read(self, item: str) -> Item | None:
        """Consistent with every write before it."""
        answer = self._client.get_item(TableName=self.name, Key=key(item), ConsistentRead=True)
        return _values(read(answer["Item"])) if "Item" in answer else None

    def put(self, item: str, values: Item, *, instead_of: Item | None) -> bool:
        """Write `item` if what stands there is still `instead_of`, None meaning that there is none. Whether it stands there now."""
        seen = None if instead_of is None else instead_of.get(SERIAL)
        now = written({**values, KEY: item, SERIAL: int(seen or 0) + 1})
        condition = "#serial = :seen" if seen is not None else "attribute_not_exists(#serial)"
        try:
            self._client.put_item(
                TableName=self.name,
                Item=now,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#serial": SERIAL},
                **({} if seen is None else {"ExpressionAttributeValues": written({":seen": seen})}),  # type: ignore[arg-type]
            )
        except Exception as failure:  # noqa: BLE001 - any but the one is raised again
            # The client asks again when an answer is lost: then it is this very write that stands there.
            return stands_instead(failure) == read(now)
        return True

    def remove(self, item: str, *, instead_of: Item) -> bool:
        """Remove `item` if what stands there is still `instead_of`. Whether it is gone."""
        try:
            self._client.delete_item(
                TableName=self.name,
                Key=key(item),
                ConditionExpression="attribute_not_exists(#serial) OR #serial = :seen",
                ExpressionAttributeNames={"#serial": SERIAL},
                ExpressionAttributeValues=written({":seen": instead_of.get(SERIAL)}),
            )
        except Exception as failure:  # noqa: BLE001 - any but the one is raised again
            stands_instead(failure)
            return False
        return True

    def put_once(self, about: str, entry: str, values: Item) -> tuple[Item, bool]:
        """Write the entry about something if there is none. What stands there now, and whether this call wrote it."""
        item = f"{about}#{entry}"
        mine = self.put(item, values, instead_of=None)
        return (values, True) if mine else (self.read(item) or {}, False)

    def add_once(self, about: str, entry: str, values: Item, *, unless: str) -> tuple[Item, bool]:
        """Add `values` to the entry unless it has the attribute `unless`. What stands there now, and whether they were added."""
        item = f"{about}#{entry}"
        stands = self.read(item) or {}
        if unless in stands:
            return stands, False
        added = {**stands, **values}
        mine = self.put(item, added, instead_of=stands or None)
        return (added, True) if mine else (self.read(item) or {}, False)

    def replace_if(self, about: str, entry: str, name: str, expected: Value, value: Value) -> bool:
        """Set the attribute `name` of the entry to `value` if it is `expected`. Whether it was."""
        item = f"{about}#{entry}"
        stands = self.read(item) or {}
        return stands.get(name) == expected and self.put(item, {**stands, name: value}, instead_of=stands or None)

    @property
    def _client(self) -> DynamoDBClient:
        return dynamodb(self.region, self.seconds)


def _values(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != KEY}
