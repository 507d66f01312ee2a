"""Several places asked side by side: one that does not answer must not eat the others' time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Thread
from typing import Generic, TypeVar

from shared import clock
from shared.aws import error_sentence
from shared.log import logger

Result = TypeVar("Result")


@dataclass(slots=True)
class Asking(Generic[Result]):
    """Calls under way, by place."""

    calls: Mapping[str, Callable[[], Result]]
    seconds: float
    """For all of them together; a real second at the least."""
    _results: dict[str, Result] = field(default_factory=dict)
    _fatal: list[BaseException] = field(default_factory=list)
    _threads: list[Thread] = field(default_factory=list)
    _deadline: float = 0.0

    def begin(self) -> Asking[Result]:
        """Make them all."""
        self._deadline = time.monotonic() + max(1.0, clock.real_seconds(self.seconds))
        for place, call in self.calls.items():
            # Nobody waits for one that hangs, for instance where a name is looked up.
            thread = Thread(target=self._ask, args=(place, call), name=place, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def answers(self) -> dict[str, Result]:
        """Of those that have answered in time. A late answer is none."""
        for thread in self._threads:
            thread.join(max(0.0, self._deadline - time.monotonic()))
        if self._fatal:
            raise self._fatal[0]
        answers = dict(self._results)
        for place in self.calls.keys() - answers.keys():
            logger.warning("No answer", extra={"place": place})
        return answers

    def _ask(self, place: str, call: Callable[[], Result]) -> None:
        try:
            self._results[place] = call()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the place has not answered
            said = error_sentence(failure) or type(failure).__name__
            logger.warning("A place cannot be asked", extra={"place": place, "failure": said})
        except BaseException as fatal:  # noqa: BLE001 - the end of the process is the end of the look
            self._fatal.append(fatal)
