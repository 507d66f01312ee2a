"""Items of DynamoDB as its API has them, and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = str | int | float | bool | None


def written(values: Mapping[str, Value]) -> dict[str, Any]:
    """For a request."""

    def one(value: Value) -> dict[str, Any]:
        match value:
            case None:
                return {"NULL": True}
            case bool():
                return {"BOOL": value}
            case int() | float():
                return {"N": repr(value)}
            case _:
                return {"S": value}

    return {name: one(value) for name, value in values.items()}


def read(item: Mapping[str, Any]) -> dict[str, Value]:
    """From an answer."""

    def one(attribute: Mapping[str, Any]) -> Value:
        if "N" in attribute:
            number = float(attribute["N"])
            return int(number) if number.is_integer() and "." not in attribute["N"] else number
        if "NULL" in attribute:
            return None
        value: Value = attribute["BOOL"] if "BOOL" in attribute else attribute["S"]
        return value

    return {name: one(attribute) for name, attribute in item.items()}
