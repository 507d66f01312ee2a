"""Kills a handler at one of its calls to AWS, as Lambda's time-out or a lost machine would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from shared import aws


class Killed(BaseException):
    """The process is gone: nothing in it may catch this, as nothing could."""


@dataclass
class Calls:
    """Calls that were made, `service.Operation`, in order."""

    kill_at: int | None = None
    after: bool = False
    made: list[str] = field(default_factory=list)
    others: bool = False
    """Somebody else is at work: these calls are not the function's."""

    _threads: threading.local = field(default_factory=threading.local)
    """A function may call from several: which number each is at."""
    _numbering: threading.Lock = field(default_factory=threading.Lock)

    def _before(self, name: str) -> None:
        with self._numbering:
            self._threads.number = len(self.made)
            self.made.append(name)
        if not self.after and self._threads.number == self.kill_at:
            raise Killed

    def _afterwards(self) -> None:
        if self.after and self._threads.number == self.kill_at:
            raise Killed


_WATCHING: list[Calls] = []


def _before(**call: Any) -> None:
    if _WATCHING and not _WATCHING[-1].others:
        _WATCHING[-1]._before(f"{call['model'].service_model.service_name}.{call['model'].name}")


def _afterwards(**_: Any) -> None:
    if _WATCHING and not _WATCHING[-1].others:
        _WATCHING[-1]._afterwards()


@contextmanager
def watched(kill_at: int | None = None, *, after: bool = False) -> Iterator[Calls]:
    """Count the calls of the project's clients; die at number `kill_at` (from 0), before it is sent or `after` it worked."""
    if not getattr(aws._session(), "is_watched", False):
        aws.forget_clients()
        session: Any = aws._session()
        session.register("before-call", _before)
        session.register("after-call", _afterwards)
        session.is_watched = True
    calls = Calls(kill_at, after)
    _WATCHING.append(calls)
    try:
        yield calls
    finally:
        _WATCHING.remove(calls)
