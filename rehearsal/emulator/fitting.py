"""Fits the properties of a CloudFormation resource into the parameters of an AWS API.

Most resource types are their service's create call in other clothes: `ContainerDefinitions` against
`containerDefinitions`, `"443"` against `443`, a list of tags against a map of tags, a policy as an object against
a policy as a string. botocore's model of the service knows the wanted shape, so one walk over it serves all types.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rehearsal.emulator.values import Json

TAG_KEYS = ({"key", "value"}, {"tagkey", "tagvalue"}, {"name", "value"})


def fit(shape: Shape, value: Json, dropped: list[str], path: str = "") -> Json:
    """Return `value` as `shape` wants it; the paths of what the API has no member for are added to `dropped`."""
    if getattr(shape, "is_document_type", False):
        # Any JSON; CloudFormation may have it as text.
        return json.loads(value) if isinstance(value, str) else value
    if isinstance(shape, StructureShape):
        return _structure(shape, value, dropped, path)
    if isinstance(shape, ListShape):
        return _list(shape, value, dropped, path)
    if isinstance(shape, MapShape):
        return {key: fit(shape.value, item, dropped, path) for key, item in _as_map(value).items()}
    return _scalar(shape.type_name, value)


def member(shape: StructureShape, name: str) -> str | None:
    """Return the API's spelling of a property's name, or None when it has no such member."""
    if name in shape.members:
        return name
    lowered = name.lower()
    return next((known for known in shape.members if known.lower() == lowered), None)


def _structure(shape: StructureShape, value: Json, dropped: list[str], path: str) -> dict[str, Any]:
    if {"Quantity", "Items"} <= set(shape.members):
        # CloudFront's API writes every list as a count and its items; CloudFormation without the count, or both.
        value = {"Items": value} if isinstance(value, list) else value
        if isinstance(value, Mapping) and "Quantity" not in value:
            value = {"Quantity": len(value.get("Items", [])), **value}
    if not isinstance(value, Mapping):
        dropped.append(path)
        return {}
    fitted = {}
    for name, item in value.items():
        known = member(shape, name)
        where = f"{path}.{name}" if path else name
        if known is None:
            dropped.append(where)
        elif item is not None:
            fitted[known] = fit(shape.members[known], item, dropped, where)
    return fitted


def _list(shape: ListShape, value: Json, dropped: list[str], path: str) -> list[Any]:
    if isinstance(value, Mapping) and isinstance(shape.member, StructureShape):
        keys = {name.lower(): name for name in shape.member.members}
        if set(keys) in TAG_KEYS:
            key, content = sorted(keys.values())
            value = [{key: name, content: text} for name, text in value.items()]
    items = value if isinstance(value, list) else [value]
    return [fit(shape.member, item, dropped, path) for item in items if item is not None]


def _as_map(value: Json) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    pairs = [{name.lower(): item for name, item in pair.items()} for pair in value]
    return {pair.get("key", pair.get("name", "")): pair["value"] for pair in pairs}


def _scalar(type_name: str, value: Json) -> Json:
    if type_name == "boolean":
        return str(value).lower() == "true"
    if type_name in ("integer", "long"):
        return int(float(value))
    if type_name in ("float", "double"):
        return float(value)
    if type_name == "blob":
        return value if isinstance(value, bytes) else str(value).encode()
    if type_name != "string":
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
