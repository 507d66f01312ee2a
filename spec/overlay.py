"""Environments over their base: maps merge deep, lists replace, `null` removes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from spec.presets import EACH
from spec.source import Data


def merge(base: Data, over: Data) -> Data:
    """`over` laid on `base`; neither is changed. A null stays: `drop_nulls` gives it its meaning."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return merged


def expand(preset: Data, document: Data, model: type[BaseModel] | None = None) -> Data:
    """The part of `preset` that applies to `document`.

    `*` is written out for each entry of a map. A section that the model leaves out by default (`database`) is filled
    only where the document has it.
    """
    expanded: Data = {}
    for key, value in preset.items():
        section = document.get(key)
        if key == EACH:
            for entry, content in document.items():
                expanded[entry] = expand(value, content) if isinstance(content, dict) else content
        elif not isinstance(value, dict):
            expanded[key] = value
        elif isinstance(section, dict):
            expanded[key] = expand(value, section)
        elif key not in document and not (model and model.model_fields[key].default is None) and EACH not in value:
            expanded[key] = value
    return expanded


def drop_nulls(data: Any, model: Any) -> Any:  # noqa: ANN401 - follows annotations of any kind
    """Take out each null that its field does not know as a value: the entry of a map goes, a field gets its default."""
    if not isinstance(data, dict) or model is None:
        return data
    fields = model.model_fields
    kept: Data = {}
    for key, value in data.items():
        field = fields.get(key)
        if value is None and field is not None and type(None) not in get_args(field.annotation):
            continue
        inner = inner_model(field.annotation) if field is not None else None
        if field is not None and isinstance(value, dict) and _is_map(field.annotation):
            kept[key] = {name: drop_nulls(entry, inner) for name, entry in value.items() if entry is not None}
        else:
            kept[key] = drop_nulls(value, inner)
    return kept


def inner_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401
    """The model inside an annotation: `Service` of `Mapping[Name, Service]`, `Database` of `Database | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for model in map(inner_model, get_args(annotation)) if model is not None), None)


def _is_map(annotation: Any) -> bool:  # noqa: ANN401
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)
