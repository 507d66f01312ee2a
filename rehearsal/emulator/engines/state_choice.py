"""Choice states: which of its rules holds (https://states-language.net/#choice-state)."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.emulator.engines.json_path import PathError, has, value_at
from rehearsal.emulator.values import Json

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
TYPES: Mapping[str, type | tuple[type, ...]] = {"String": str, "Numeric": (int, float), "Boolean": bool}
TESTS: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "IsBoolean": lambda value: isinstance(value, bool),
}


def chosen(state: Mapping[str, Any], data: Json, context: Mapping[str, Any]) -> str:
    """Return the next state's name. Raises PathError when no rule holds and there is no default."""
    for rule in state["Choices"]:
        if _holds(rule, data, context):
            following: str = rule["Next"]
            return following
    if "Default" not in state:
        raise PathError("States.NoChoiceMatched: no rule holds and there is no default")
    default: str = state["Default"]
    return default


def _holds(rule: Mapping[str, Any], data: Json, context: Mapping[str, Any]) -> bool:
    if "And" in rule:
        return all(_holds(part, data, context) for part in rule["And"])
    if "Or" in rule:
        return any(_holds(part, data, context) for part in rule["Or"])
    if "Not" in rule:
        return not _holds(rule["Not"], data, context)
    path = rule["Variable"]
    test, wanted = next((name, value) for name, value in rule.items() if name not in ("Variable", "Next", "Comment"))
    if test == "IsPresent":
        return bool(has(path, data, context) == wanted)
    value = value_at(path, data, context)
    if test in TESTS:
        return bool(TESTS[test](value) == wanted)
    if test.endswith("Path"):
        test, wanted = test.removesuffix("Path"), value_at(wanted, data, context)
    for kind, types in TYPES.items():
        comparison = COMPARISONS.get(test.removeprefix(kind))
        if test.startswith(kind) and comparison:
            # Of another type than the rule's, a value fulfils no rule.
            return isinstance(value, types) and comparison(value, wanted)
    raise PathError(f"{test}: this comparison is not understood here")
