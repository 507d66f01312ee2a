"""What a test wants to go wrong, once, with the next event of a function: killed at a point, delivered twice."""

import threading
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mishap:
    """`call` numbers the AWS API call at which the process dies, before it is sent or `after` it was answered."""

    function: str
    "A part of the function's name, or of its handler string."
    call: int = 0
    after: bool = False
    twice: bool = False


_PLANNED: list[Mishap] = []
_LOCK = threading.Lock()


def plan(wanted: dict[str, Any]) -> None:
    """Have a mishap happen at the next event of the function it names."""
    with _LOCK:
        _PLANNED.append(Mishap(**wanted))


def _due(names: tuple[str, ...], *, twice: bool) -> Mishap | None:
    with _LOCK:
        for mishap in _PLANNED:
            if mishap.twice == twice and any(mishap.function in name for name in names):
                _PLANNED.remove(mishap)
                return mishap
    return None


def killing(*names: str) -> dict[str, Any] | None:
    """Return where the function of these names is to die at this event, if it is."""
    mishap = _due(names, twice=False)
    return {"call": mishap.call, "after": mishap.after} if mishap else None


def doubled(*names: str) -> bool:
    """Tell whether this event is to be delivered to the function of these names twice."""
    return _due(names, twice=True) is not None
