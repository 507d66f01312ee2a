"""What a consumer of any kind of server does, as its own thread sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from rehearsal.rotation.consumers.tally import Tally

Secret = Mapping[str, Any]
"""The value that a task was started with."""


class Task(Protocol):
    """One task's connections and its work. Only its own thread calls it."""

    def open(self) -> None:
        """Log in wherever it works. Raises Refused."""

    def operate(self) -> None:
        """Do something and see that it is done. Raises whatever the driver raises, and LookupError for work that is gone."""

    def close(self) -> None:
        """Close what is open; raises nothing."""


class Works(Protocol):
    """The work of all tasks, and the books on it."""

    tally: Tally

    def prepare(self, secret: Secret) -> None:
        """Make what all tasks need, once."""

    def task(self, service: str, number: int, secret: Secret) -> Task:
        """The task `number`, counted from 1, of a service."""

    def is_refusal(self, error: BaseException) -> bool:
        """Whether the server did not take a login, or a right was missing."""

    def audit(self, secret: Secret) -> list[str]:
        """Each piece of work that was done and cannot be found, or is there twice, in a few words. When all have stopped."""
