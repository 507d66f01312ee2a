"""The DynamoDB table of a site, as a person would read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

from rehearsal.emulator.apis import Apis

_READ: Final = TypeDeserializer().deserialize


class RecoveryTable:
    """In every region that has one."""

    def __init__(self, apis: Callable[[str], Apis], prefix: str) -> None:
        self._apis, self._name = apis, f"{prefix}-recovery"

    def item(self, region: str, name: str) -> Mapping[str, Any] | None:
        """One item; None where there is none. Raises ApiError."""
        request = {"TableName": self._name, "Key": {"item": {"S": name}}, "ConsistentRead": True}
        found = self._apis(region).call("dynamodb", "get_item", request).get("Item")
        return None if found is None else {key: _READ(value) for key, value in found.items()}
