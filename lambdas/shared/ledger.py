"""What has happened in a release, in a DynamoDB table. The one state that functions keep between two calls.

A release is known by its CodeDeploy deployment id, or by its ECS service deployment's ARN. Every write is conditional,
so that of two concurrent deliveries one writes, and both read the same afterwards. Entries leave after ninety days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shared import clock
from shared.aws import client, is_error
from shared.items import Value, read, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEPT_SECONDS: Final = 90 * 24 * 3600

MIGRATION: Final = "migration"
"""Entry about the one-off task that migrates: `task_arn`, `task_definition`, `started_at`; at its end `exit_code`.
It stands before the task is requested, so without it no migration ever ran."""
BREAK_GLASS: Final = "break_glass"
"""Entry about gates that were passed although they were closed: `by`, `because`, `passed` (sentences), `at`."""
HOOKS: Final = "hook#"
"""What every entry about a hook starts with."""

Entry = Mapping[str, Value]
"""Attributes of an entry, the keys left out."""


def hook_entry(stage: str, execution_id: str) -> str:
    """Name of the entry about one execution of a hook."""
    return f"{HOOKS}{stage}#{execution_id}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The table named `table`."""

    table: str

    def put_once(self, release: str, entry: str, values: Entry) -> tuple[Entry, bool]:
        """Write `entry` if there is none. What stands there now, and whether this call wrote it."""
        item = {**_keys(release, entry), **written(values), **written({"expires_at": _expiry()})}
        try:
            self._client.put_item(
                TableName=self.table,
                Item=item,
                ConditionExpression="attribute_not_exists(#entry)",
                ExpressionAttributeNames={"#entry": "entry"},
            )
        except Exception as failure:
            if not is_error(failure, "ConditionalCheckFailedException"):
                raise
            return self.read(release, entry) or {}, False
        return values, True

    def add_once(self, release: str, entry: str, values: Entry, *, unless: str) -> tuple[Entry, bool]:
        """Add `values` to `entry` unless it has the attribute `unless`. What stands there now, and whether they were added."""
        values = {**values, "expires_at": _expiry()}
        names = {f"#n{index}": name for index, name in enumerate(values)}
        placed = ", ".join(f"{name} = :{name[1:]}" for name in names)
        try:
            answer = self._client.update_item(
                TableName=self.table,
                Key=_keys(release, entry),
                UpdateExpression=f"SET {placed}",
                ConditionExpression="attribute_not_exists(#unless)",
                ExpressionAttributeNames={**names, "#unless": unless},
                ExpressionAttributeValues={
                    f":{name[1:]}": value for name, value in zip(names, written(values).values(), strict=True)
                },
                ReturnValues="ALL_NEW",
            )
        except Exception as failure:
            if not is_error(failure, "ConditionalCheckFailedException"):
                raise
            return self.read(release, entry) or {}, False
        return _read(answer["Attributes"]), True

    def replace_if(self, release: str, entry: str, name: str, expected: Value, value: Value) -> bool:
        """Set the attribute `name` to `value` if it is `expected` (None: absent). Whether it was."""
        condition = "attribute_not_exists(#name)" if expected is None else "#name = :expected"
        old = {} if expected is None else {":expected": written({name: expected})[name]}
        try:
            self._client.update_item(
                TableName=self.table,
                Key=_keys(release, entry),
                UpdateExpression="SET #name = :value",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": written({name: value})[name], **old},
            )
        except Exception as failure:
            if not is_error(failure, "ConditionalCheckFailedException"):
                raise
            return False
        return True

    def read(self, release: str, entry: str) -> Entry | None:
        """What stands under `entry`, or None. Consistent with every write before it."""
        answer = self._client.get_item(TableName=self.table, Key=_keys(release, entry), ConsistentRead=True)
        return _read(answer["Item"]) if "Item" in answer else None

    def entries(self, release: str, prefix: str = "") -> dict[str, Entry]:
        """Every entry about `release` whose name starts with `prefix`, by its name."""
        condition = "#release = :release" + (" AND begins_with(#entry, :prefix)" if prefix else "")
        names = {"#release": "release"} | ({"#entry": "entry"} if prefix else {})
        values = written({":release": release} | ({":prefix": prefix} if prefix else {}))
        found: dict[str, Entry] = {}
        pages = self._client.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )
        for page in pages:
            found |= {item["entry"]["S"]: _read(item) for item in page["Items"]}
        return found

    @property
    def _client(self) -> DynamoDBClient:
        return client("dynamodb")


def _expiry() -> int:
    return int(clock.epoch()) + KEPT_SECONDS


def _keys(release: str, entry: str) -> dict[str, Any]:
    return {"release": {"S": release}, "entry": {"S": entry}}


def _read(item: Mapping[str, Any]) -> dict[str, Value]:
    """Without keys and end."""
    return {name: value for name, value in read(item).items() if name not in ("release", "entry", "expires_at")}
