"""Structural faults: what pydantic finds, in words that say what would be right."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from spec.overlay import inner_model
from spec.problem import Finding, Path
from spec.source import Data

_EDGE: Data = {"domain": "app.example.com", "hosted_zone": {"id": "Z0000000", "name": "example.com"}}

_STAND_INS: Data = {
    "name": "app",
    "description": "-",
    "owner": "-",
    "services": {"web": {"port": 8080, "vcpu": 0.25, "memory_gib": 0.5, "public": ["/*"], "build": {"context": "."}}},
    "port": 8080,
    "vcpu": 0.25,
    "memory_gib": 0.5,
    "max_replicas": 1000,
    "edge": _EDGE,
    **_EDGE,
}
"""What takes the place of a required key, so that the rules can look at everything else."""

MAX_ROUNDS = 50
"""Each round takes out at least one faulty place; no file has more levels of faults than this."""


def structural(data: Data, model: type[BaseModel]) -> tuple[list[Finding], Data]:
    """Every structural fault of `data`, and `data` without the faulty places, for the rules to look at the rest.

    Where taking a place out makes another incomplete (a required key), that one goes too, up to where something can be
    left out or, at the top, a stand-in takes its place. The findings stay those of the first look.
    """
    findings: list[Finding] = []
    sound: Data = copy.deepcopy(data)
    for round_number in range(MAX_ROUNDS):
        try:
            model.model_validate_json(json.dumps(sound))
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            if round_number == 0:
                findings = [_finding(detail, model) for detail in _one_per_place(details)]
            missing = [detail for detail in details if detail["type"] == "missing"]
            _take_out(sound, [_path(detail, sound) for detail in details if detail not in missing])
            for detail in missing:
                _stand_in(sound, detail)
        else:
            break
    return findings, sound


def _one_per_place(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """A union reports once per member; a reader wants to hear of each place once."""
    places: dict[Path, ErrorDetails] = {}
    for detail in details:
        places.setdefault(tuple(part for part in detail["loc"] if part != "[key]"), detail)
    return list(places.values())


def _path(detail: ErrorDetails, data: Data) -> Path:
    """The error's place as far as it exists in the data."""
    path: list[str | int] = []
    here: Any = data
    for part in detail["loc"]:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            break
        path.append(part)
    return tuple(path)


def _take_out(data: Data, paths: list[Path]) -> None:
    """Take the faulty places out, items of a list from its end."""
    for path in sorted(set(paths), key=lambda path: [(isinstance(part, int), part) for part in path], reverse=True):
        here: Any = data
        for part in path[:-1]:
            here = here[part]
        if path:
            del here[path[-1]]


def _stand_in(data: Data, detail: ErrorDetails) -> None:
    """Put a stand-in where something required is missing; where there is none, what lacks it goes."""
    path, name = _path(detail, data), detail["loc"][-1]
    if len(path) == len(detail["loc"]) - 1 and name in _STAND_INS:
        here: Any = data
        for part in path:
            here = here[part]
        here[name] = copy.deepcopy(_STAND_INS[str(name)])
    else:
        _take_out(data, [path])


def _finding(detail: ErrorDetails, model: type[BaseModel]) -> Finding:
    path: Path = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context = detail["type"], detail.get("ctx", {})
    owner, field = _field(path, model)
    if kind == "extra_forbidden":
        return Finding(path, "is not a key that is known here", _known_keys(str(path[-1]), owner))
    if kind == "missing":
        return Finding(path, "is missing", f"Write it: {_about(field)}")
    if kind == "refused":
        return Finding(path, str(context["reason"]), str(context["remedy"]))
    reason = detail["msg"].replace("Input should", "must")
    return Finding(path, reason[0].lower() + reason[1:], _wanted(kind, context, field))


def _field(path: Path, model: type[BaseModel]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that the last part of `path` belongs to, and its field, as far as the path can be followed."""
    owner: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for part in path:
        if isinstance(part, int):
            continue
        if owner is None:
            continue
        if part in owner.model_fields:
            field = owner.model_fields[part]
            inner = inner_model(field.annotation)
            if inner is not None:
                owner, parent = inner, owner
                if part == path[-1]:
                    owner = parent
        elif field is None:
            break
    return owner, field


def _known_keys(key: str, owner: type[BaseModel] | None) -> str:
    known = sorted(owner.model_fields) if owner else []
    near = difflib.get_close_matches(key, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known here: {', '.join(known)}" if known else "Remove it"


def _about(field: FieldInfo | None) -> str:
    if field is None or not field.description:
        return "it has no default"
    return " ".join(field.description.split()).rstrip(".")


_KINDS: Mapping[str, str] = {
    "string_type": "Write text; a number or a version in quotes",
    "int_type": "Write a whole number without unit or quotes",
    "int_from_float": "Write a whole number",
    "float_type": "Write a number without unit or quotes",
    "bool_type": "Write true or false",
    "model_type": "Write a mapping of keys to values",
    "model_attributes_type": "Write a mapping of keys to values",
    "dict_type": "Write a mapping of keys to values",
    "mapping_type": "Write a mapping of keys to values",
    "tuple_type": "Write a list: [one, two]",
    "greater_than": "Write more than {gt}",
    "greater_than_equal": "Write {ge} or more",
    "less_than": "Write less than {lt}",
    "less_than_equal": "Write {le} or less",
    "literal_error": "Write {expected}",
}


def _wanted(kind: str, context: Mapping[str, Any], field: FieldInfo | None) -> str:
    text = _KINDS.get(kind, "").format(**context)
    about = _about(field) if field is not None and field.description else ""
    return ". ".join(part.rstrip(".") for part in (text, about) if part) or "The form stands in spec/schema.json"
