"""What the embedded AWS tells while a failover is played: steps, alarms, messages, promotions, routes."""

from __future__ import annotations

import threading
from typing import Any, Final

from rehearsal.embedded_aws import EmbeddedAws
from rehearsal.failover.messages import of_a_failover
from rehearsal.failure import RehearsalError
from rehearsal.release.timeline import Kind, Timeline

LOOK_SECONDS: Final = 0.1
"""Real."""
KINDS: Final[dict[str, Kind]] = {
    "alarm": "alarm",
    "execution": "workflow",
    "database": "database",
    "routing": "routing",
    "message": "message",
}


class Happenings:
    """Read in a thread of its own; of those of the failover's state machine the timeline is told."""

    def __init__(self, emulator: EmbeddedAws, timeline: Timeline, machine: str) -> None:
        self._emulator, self._timeline, self._machine = emulator, timeline, machine
        self._entries: list[dict[str, Any]] = []
        self._step = ""
        self._telling = False
        self._stopped = threading.Event()
        self.failures: list[str] = []
        self._thread = threading.Thread(target=self._read, name="happenings", daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Tell of what happens from now on: what a start of everything sets off is nobody's concern."""
        self._telling = True

    def of(self, kind: str, since: float = 0.0) -> list[dict[str, Any]]:
        """Entries of a kind from a virtual moment on; of executions and states, those of the failover."""
        return [
            one
            for one in list(self._entries)
            if one["kind"] == kind and one["epoch"] >= since and one.get("machine", self._machine) == self._machine
        ]

    def promotions(self) -> int:
        """How many databases were promoted, or are being promoted."""
        return sum("being promoted" in one["text"] for one in self.of("database"))

    def stop(self) -> None:
        """Read no more."""
        self._stopped.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                for entry in self._emulator.journal(len(self._entries)):
                    self._entries.append(entry)
                    self._tell(entry)
            except RehearsalError as error:
                self.failures.append(error.reason)

    def _tell(self, entry: dict[str, Any]) -> None:
        if not self._telling or entry.get("machine", self._machine) != self._machine:
            return
        kind, text = entry["kind"], str(entry["text"])
        if kind == "state":
            # A step is asked again and again: once is news.
            step = text.removesuffix("Verdict").removesuffix("Wait")
            if step != self._step:
                self._step = step
                self._timeline.note("step", step, entry["epoch"])
        elif kind == "alarm" and not (text.endswith(": ALARM") and self._machine in text):
            # Those of the failover tell why it begins; in a lost region nearly every other one rings too.
            return
        elif kind == "message" and not of_a_failover([text]):
            return
        elif kind in KINDS:
            self._timeline.note(KINDS[kind], text.strip(), entry["epoch"])
