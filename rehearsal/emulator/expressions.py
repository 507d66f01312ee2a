"""The expressions in recipes.

Expressions are JMESPath over what is known at that moment:

    p        the resource's properties, intrinsic functions evaluated
    id       its physical ID, once made
    name     the name that CloudFormation would generate
    made     the answer of the creating call
    seen     the answer of the reading call
    item     the one at hand, within a `Part`
    account, region, partition, stack, logical, token (unique per call)

and some functions more than JMESPath has: `before`, `after` and `split` of (text, separator), `items(map)`,
`present(map)` without its nulls, `without(map, names)`, and `each_with(list, object)`, which gives
`{Item: item, **object}` per item; `where(list, name, value)`; and `zipped(text, runtime)`, a function's archive.
"""

import io
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath  # type: ignore[import-untyped]  # it has no types of its own
from jmespath import functions

from rehearsal.emulator.values import Json


class _Functions(functions.Functions):  # type: ignore[misc]  # jmespath is untyped
    """JMESPath with what AWS's names need."""

    @functions.signature({"types": ["string"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_after(self, text: str, separator: str) -> str:
        return text.partition(separator)[2]

    @functions.signature({"types": ["string"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_before(self, text: str, separator: str) -> str:
        return text.partition(separator)[0]

    @functions.signature({"types": ["object"]})  # type: ignore[untyped-decorator]
    def _func_items(self, mapping: dict[str, Any]) -> list[list[Any]]:
        return [[name, value] for name, value in mapping.items()]

    @functions.signature({"types": ["array", "null"]}, {"types": ["string"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_where(self, items: list[dict[str, Any]] | None, name: str, value: str) -> list[dict[str, Any]]:
        return [item for item in items or [] if item.get(name) == value]

    @functions.signature({"types": ["object", "null"]})  # type: ignore[untyped-decorator]
    def _func_present(self, mapping: dict[str, Any] | None) -> dict[str, Any]:
        return {name: value for name, value in (mapping or {}).items() if value is not None}

    @functions.signature({"types": ["object", "null"]}, {"types": ["array"]})  # type: ignore[untyped-decorator]
    def _func_without(self, mapping: dict[str, Any] | None, names: list[str]) -> dict[str, Any]:
        return {name: value for name, value in (mapping or {}).items() if name not in names}

    @functions.signature({"types": ["array", "null"]}, {"types": ["object"]})  # type: ignore[untyped-decorator]
    def _func_each_with(self, items: list[Any] | None, also: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"Item": item, **also} for item in items or []]

    @functions.signature({"types": ["string"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_zipped(self, text: str, runtime: str) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as packed:
            packed.writestr(f"index.{'js' if runtime.startswith('nodejs') else 'py'}", text)
        return content.getvalue()

    @functions.signature({"types": ["string"]}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_split(self, text: str, separator: str) -> list[str]:
        return text.split(separator)


OPTIONS = jmespath.Options(custom_functions=_Functions())


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Json:
    """Return a parsed expression. Raises jmespath's ParseError."""
    return jmespath.compile(expression)


def search(expression: str, known: Mapping[str, Any]) -> Json:
    """Return what a JMESPath expression finds."""
    return compiled(expression).search(known, options=OPTIONS)
