"""Tasks of state machines that wait until somebody answers with their token."""

import threading
import uuid
from dataclasses import dataclass, field

from rehearsal.emulator.values import Json


@dataclass
class Waiting:
    """One task; answered once, by whoever comes first."""

    answered: bool = False
    output: Json = None
    error: str | None = None
    "Its name, when the answer is a failure."
    cause: str = ""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)


_WAITING: dict[str, Waiting] = {}
_LOCK = threading.Lock()


def new() -> Waiting:
    """Return a task that waits."""
    waiting = Waiting()
    with _LOCK:
        _WAITING[waiting.token] = waiting
    return waiting


def forget(waiting: Waiting) -> None:
    """Take no answer any more."""
    with _LOCK:
        _WAITING.pop(waiting.token, None)


def answer(token: str, *, output: Json = None, error: str | None = None, cause: str = "") -> bool:
    """Answer; tell whether anybody waits for it."""
    with _LOCK:
        waiting = _WAITING.pop(token, None)
    if waiting is None:
        return False
    waiting.output, waiting.error, waiting.cause = output, error, cause
    waiting.answered = True
    return True
