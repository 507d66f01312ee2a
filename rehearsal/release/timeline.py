"""What happens in a release, as it happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rehearsal.clock import Clock

Kind = Literal[
    "phase", "hook", "weights", "alarm", "tasks", "stack", "load", "trouble",
    "fault", "step", "workflow", "database", "routing", "message", "users",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """`minutes`: virtual, since the release began."""

    minutes: float
    kind: Kind
    text: str


class Timeline:
    """Events in their order; each is told to whoever listens. Thread-safe."""

    def __init__(self, clock: Clock, tell: Callable[[Event], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._zero = clock.epoch()
        self.events: list[Event] = []

    def begin(self) -> None:
        """The release begins now: events so far have negative times."""
        self._zero = self._clock.epoch()

    def minutes(self, epoch: float | None = None) -> float:
        """Virtual minutes since the release began, at a virtual moment or now."""
        return ((self._clock.epoch() if epoch is None else epoch) - self._zero) / 60

    def note(self, kind: Kind, text: str, epoch: float | None = None) -> None:
        """Something has happened, now or at a virtual moment."""
        with self._lock:
            event = Event(self.minutes(epoch), kind, text)
            self.events.append(event)
            self._tell(event)
