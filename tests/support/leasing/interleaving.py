"""Functions that stop before each thing they do to others, and go on when they are told: so that a test decides what
happens between any two of their steps, and whether there is a next one at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """The process is gone: nothing in it may catch this."""


@dataclass
class Process:
    """One function, in a thread that runs only while `step` waits for it."""

    name: str
    function: Callable[[], Any]
    offset: float = 0.0
    """By how many seconds its clock is ahead."""
    result: Any = None
    over: bool = False
    failure: BaseException | None = None
    before: str = ""
    """What it is about to do, or to whom."""
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _stopped: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _doomed: bool = False

    def __post_init__(self) -> None:
        """Begin, and stop at once."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        _RUNNING[self._thread] = self
        self._thread.start()

    def step(self) -> None:
        """Go on until the next stop, or the end."""
        if not self.over:
            self._go.release()
            self._stopped.acquire()
        if self.failure is not None:
            raise self.failure

    def kill(self) -> None:
        """End it where it stands."""
        self._doomed = True
        self.step()

    def stop(self, before: str) -> None:
        """Called in the function: let others go on first."""
        self.before = before
        self._stopped.release()
        self._go.acquire()
        if self._doomed:
            raise Killed

    def _run(self) -> None:
        self._go.acquire()
        try:
            if not self._doomed:
                self.result = self.function()
        except Killed:
            pass
        except BaseException as failure:  # noqa: BLE001 - raised where the test waits
            self.failure = failure
        finally:
            self.over = True
            del _RUNNING[self._thread]
            self._stopped.release()


_RUNNING: dict[threading.Thread, Process] = {}


def current() -> Process | None:
    """The process in which this is called; None in the test itself."""
    return _RUNNING.get(threading.current_thread())


def stop_here(before: str) -> None:
    """Before something that others see."""
    process = current()
    if process is not None:
        process.stop(before)
