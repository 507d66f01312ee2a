"""The recovery tables of three regions, in memory: what the functions ask DynamoDB, and what a simulated guard does directly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from permissions.recorded_aws import Refused

from shared.items import Value, read, written
from shared.lease import Lease
from shared.lease_table import ITEM, lease_of
from shared.recovery_table import KEY

Items = dict[str, dict[str, Value]]


@dataclass
class Tables:
    """By region, then by item."""

    regions: dict[str, Items] = field(default_factory=dict)

    def get(self, region: str, item: str) -> Mapping[str, Value]:
        """Empty without one."""
        return self.regions[region].get(item, {})

    def set(self, region: str, item: str, values: Mapping[str, Value]) -> None:
        """Whatever stands there."""
        serial = int(self.get(region, item).get("serial") or 0) + 1
        self.regions[region][item] = {**values, "serial": serial}

    def lease(self, region: str) -> Place:
        """Of a simulated guard."""
        return Place(self, region)

    def ask(self, region: str, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """As DynamoDB answers: a condition is one of those that the functions write."""
        items = self.regions[region]
        name = str(read(asked.get("Key") or asked["Item"])[KEY])
        stands = items.get(name)
        if operation == "GetItem":
            return {} if stands is None else {"Item": written({**stands, KEY: name})}
        if not _holds(asked, stands):
            wanted = asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and stands is not None
            found = {"Item": written({**stands, KEY: name})} if wanted and stands is not None else {}
            return Refused("ConditionalCheckFailedException", beside=found)
        if operation == "PutItem":
            items[name] = {key: value for key, value in read(asked["Item"]).items() if key != KEY}
        else:
            items.pop(name, None)
        return {}


def _holds(asked: Mapping[str, Any], stands: Mapping[str, Value] | None) -> bool:
    names = asked.get("ExpressionAttributeNames", {})
    values = read(asked.get("ExpressionAttributeValues", {}))
    attributes: Mapping[str, Any] = {} if stands is None else {KEY: "", **stands}

    def one(condition: str) -> bool:
        if condition.startswith("attribute_not_exists("):
            return names[condition[len("attribute_not_exists(") : -1]] not in attributes
        name, operator, value = condition.split(" ")
        found = attributes.get(names.get(name, name))
        return found == values[value] if operator == "=" else found is not None and found < values[value]

    return any(one(each) for each in asked["ConditionExpression"].split(" OR "))


@dataclass(frozen=True)
class Place:
    """A lease in one of them."""

    tables: Tables
    region: str

    def read(self) -> Lease | None:
        """As it is."""
        item = self.tables.get(self.region, ITEM)
        return lease_of(item) if item else None

    def write(self, lease: Lease, *, instead_of: Lease | None) -> bool:
        """Whether it stands there now."""
        if self.read() != instead_of:
            return False
        self.tables.regions[self.region][ITEM] = asdict(lease)
        return True
