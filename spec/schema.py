"""The JSON Schema of an application's file, so that editors complete it and underline what is wrong.

`python -m spec.schema` writes it to spec/schema.json. Nothing is required in it but a name and environments: base and
overlay complete each other, which a schema cannot know. `understudy check` knows.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from spec.environment import ALIASES, Environment

FILE = Path(__file__).parent / "schema.json"


def schema() -> dict[str, Any]:
    """The schema, as JSON data."""
    environment = _loose(Environment.model_json_schema())
    definitions = environment.pop("$defs")
    overlay = copy.deepcopy(environment)
    definitions["Overlay"] = overlay | {"description": "What differs in this environment."}
    overlays = {name: {"anyOf": [{"$ref": "#/$defs/Overlay"}, {"type": "null"}]} for name in ALIASES}
    environment["properties"]["environments"] = {
        "type": "object",
        "description": "The environments by name. Maps merge deep, lists replace, null removes.",
        "properties": overlays,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Understudy application",
        **{key: value for key, value in environment.items() if key != "title"},
        "required": ["name", "environments"],
        "$defs": definitions,
    }


def text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _loose(value: Any) -> Any:  # noqa: ANN401 - JSON holds anything
    """Without `required`, and with null allowed for every property, since a null in an overlay removes a key."""
    if isinstance(value, list):
        return [_loose(item) for item in value]
    if not isinstance(value, dict):
        return value
    loose = {key: _loose(item) for key, item in value.items() if key != "required"}
    properties = loose.get("properties")
    if isinstance(properties, dict) and "type" in loose:
        loose["properties"] = {name: _or_null(item) for name, item in properties.items()}
    entries = loose.get("additionalProperties")
    if isinstance(entries, dict):
        loose["additionalProperties"] = _or_null(entries)
    return loose


def _or_null(property_schema: dict[str, Any]) -> dict[str, Any]:
    outer = {key: value for key, value in property_schema.items() if key in {"description", "default", "title"}}
    inner = {key: value for key, value in property_schema.items() if key not in outer}
    if {"type": "null"} in inner.get("anyOf", []):
        return property_schema
    return {**outer, "anyOf": [inner, {"type": "null"}]}


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
