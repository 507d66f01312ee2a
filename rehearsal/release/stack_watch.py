"""When a stack began to change, and when it came to rest."""

from __future__ import annotations

import threading
import time
from typing import Final

from rehearsal.emulator.apis import Apis
from rehearsal.release.timeline import Timeline

LOOK_SECONDS: Final = 0.2
"""Real: between two looks; the CDK CLI looks every five, which is half a minute here."""


class StackWatch:
    """Looks in a thread of its own. `began` and `ended` are real epochs, 0 until it has."""

    def __init__(self, apis: Apis, name: str, timeline: Timeline) -> None:
        self._apis, self._name, self._timeline = apis, name, timeline
        self.status = self._status()
        self.began = self.ended = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stack", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look once more, then no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            self._look()
        self._look()

    def _look(self) -> None:
        status = self._status()
        if status == self.status:
            return
        self.status = status
        if not self.began:
            self._timeline.begin()
            self.began = time.time()
        self.ended = time.time()
        self._timeline.note("stack", f"{self._name}: {status}")

    def _status(self) -> str:
        answer = self._apis.call("cloudformation", "describe_stacks", {"StackName": self._name})
        return str(answer["Stacks"][0]["StackStatus"])
