"""How much time a hook has: by its own limit, and by its function's."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from shared import clock

ANSWER_SECONDS: Final = 3.0
"""Real seconds kept back from the function's time-out, to store the verdict and to answer."""


class OutOfTime(BaseException):
    """The function is about to be ended by Lambda. No Exception: what tries again after those must not swallow it."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Counts from `started_at` (epoch seconds), the first delivery of the event, whichever function had it."""

    started_at: float
    limit_seconds: float
    function_seconds: Callable[[], float]
    """Real seconds until Lambda ends the function."""

    @property
    def hook_left(self) -> float:
        """Seconds until the hook's own limit; negative once it is over."""
        return self.started_at + self.limit_seconds - clock.epoch()

    @property
    def left(self) -> float:
        """Seconds that this call may still work: the hook's, and no more than the function has. Never negative."""
        function = (self.function_seconds() - ANSWER_SECONDS) * clock.SPEED
        return max(0.0, min(self.hook_left, function))


@contextmanager
def interrupted_in_time(function_seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block while there is still time to answer, whatever it hangs on.

    By the process's alarm clock, so in the main thread alone, where Lambda runs handlers; elsewhere time-outs of single
    requests have to do.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime("the function's time is nearly over")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(0.05, function_seconds - ANSWER_SECONDS))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
