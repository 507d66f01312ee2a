"""One consumer: it works, and logs in again and again, with the secret that it was started with."""

from __future__ import annotations

import random
import threading
from typing import Final

from rehearsal.rotation.consumers.tally import Tally
from rehearsal.rotation.consumers.work import Task

OPERATIONS_PER_LOGIN: Final = 4
PACE_SECONDS: Final = 0.2
"""Between two operations, on average."""
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0


class Consumer:
    """A task at work from its creation until `stop`."""

    def __init__(self, name: str, task: Task, tally: Tally) -> None:
        self._name, self._task, self._tally = name, task, tally
        self._healthy, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def is_healthy(self) -> bool:
        """Wait for its first operation; whether it was done."""
        return self._healthy.wait(START_SECONDS)

    def stop(self) -> bool:
        """Let it finish what it is at; whether it did."""
        self._ending.set()
        self._thread.join(STOP_SECONDS)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._work()
            except Exception as error:  # noqa: BLE001 - whatever fails is counted, and tried again
                self._tally.went_wrong(self._name, error)
                self._ending.wait(PACE_SECONDS)
            finally:
                self._task.close()

    def _work(self) -> None:
        self._task.open()
        for _ in range(OPERATIONS_PER_LOGIN):
            self._task.operate()
            self._tally.done()
            self._healthy.set()
            # Not in step with the others.
            if self._ending.wait(PACE_SECONDS * random.uniform(0.5, 1.5)):  # noqa: S311
                return
