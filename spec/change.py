"""Changes to a spec, and the least of them that is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeVar, cast

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)

MOST_TOGETHER: Final = 4


@dataclass(frozen=True, slots=True)
class Change:
    """A dotted path, the value to write there, and what that costs: 1 for nothing that anybody would notice, 50 for
    something that is missed badly.
    """

    path: str
    value: object
    cost: int

    def __str__(self) -> str:
        """As it is written into the file: `recovery.probe_seconds: 10`."""
        return f"{self.path}: {self.value}"


def cheapest(candidates: Sequence[Change], fits: Callable[[tuple[Change, ...]], bool]) -> tuple[Change, ...] | None:
    """Of all changes that are enough together, those that give up least; None where no four are."""
    together = [
        changes
        for count in range(1, MOST_TOGETHER + 1)
        for changes in combinations(candidates, count)
        if len({change.path for change in changes}) == count
    ]
    together.sort(key=lambda found: (sum(change.cost for change in found), len(found)))
    return next((changes for changes in together if fits(changes)), None)


def changed(model: Model, changes: Iterable[Change]) -> Model:
    """A copy of `model` with each change written at its path."""
    for change in changes:
        model = cast("Model", _written(model, change.path.split("."), change.value))
    return model


def _written(part: object, path: list[str], value: object) -> object:
    if not path:
        return value
    name, *rest = path
    if isinstance(part, Mapping):
        return {**part, name: _written(part[name], rest, value)}
    return cast("BaseModel", part).model_copy(update={name: _written(getattr(part, name), rest, value)})
