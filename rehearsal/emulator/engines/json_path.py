"""The paths and payload templates of Amazon States Language, as far as the project's workflows use them.

Reference paths (`$.a.b[0]`, `$$.Execution.Id`) and nothing of JSONPath's filters; what is more raises, so that no
workflow behaves in a rehearsal as it would not in AWS. https://states-language.net/#paths
"""

import re
from collections.abc import Mapping
from typing import Any

from rehearsal.emulator.values import Json

STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\['([^']+)'\]")


class PathError(Exception):
    """A path that is not understood, or that leads nowhere: States.Runtime, or States.ParameterPathFailure."""


def steps(path: str) -> list[str | int]:
    """Return a path's steps. Raises PathError when it is no reference path."""
    if not path.startswith("$"):
        raise PathError(f"{path}: not a path")
    rest = path[2:] if path.startswith("$$") else path[1:]
    found: list[str | int] = []
    while rest:
        step = STEP.match(rest)
        if step is None:
            raise PathError(f"{path}: only reference paths are understood here")
        name, index, quoted = step.groups()
        found.append(int(index) if index else name or quoted)
        rest = rest[step.end() :]
    return found


def has(path: str, data: Json, context: Mapping[str, Any]) -> bool:
    """Tell whether a path leads anywhere."""
    try:
        value_at(path, data, context)
    except PathError:
        return False
    return True


def value_at(path: str, data: Json, context: Mapping[str, Any]) -> Json:
    """Return what stands at a path, `$$` meaning the context object. Raises PathError when nothing does."""
    here: Json = context if path.startswith("$$") else data
    for step in steps(path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError) as error:
            raise PathError(f"{path} leads nowhere") from error
    return here


def placed(path: str | None, data: Json, result: Json) -> Json:
    """Return the data with a result at a ResultPath; a null path discards the result."""
    if path is None:
        return data
    way = steps(path)
    if not way:
        return result
    changed: dict[str, Any] = dict(data) if isinstance(data, dict) else {}
    here = changed
    for step in way[:-1]:
        here[str(step)] = dict(here.get(str(step)) or {})
        here = here[str(step)]
    here[str(way[-1])] = result
    return changed


def filled(template: Json, data: Json, context: Mapping[str, Any]) -> Json:
    """Return a payload template with its `.$` members replaced by what their paths lead to."""
    if isinstance(template, list):
        return [filled(item, data, context) for item in template]
    if not isinstance(template, dict):
        return template
    result = {}
    for name, value in template.items():
        if not name.endswith(".$"):
            result[name] = filled(value, data, context)
        elif value.startswith("States."):
            raise PathError(f"{value}: intrinsic functions are not understood here")
        else:
            result[name[:-2]] = value_at(value, data, context)
    return result
