"""The fleet of consumers as the rehearsal sees it: the newest task of every service, replaced one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal.failure import RehearsalError
from rehearsal.release.tasks import PROJECT
from rehearsal.rotation.plan import EngineName

END_SECONDS: Final = 10.0
DIED: Final = '{"error": "it has died"}'


@dataclass(frozen=True, slots=True)
class Counts:
    """What all consumers did so far."""

    logins: int
    refused: int
    operations: int
    failed: int
    examples: list[str]


class Fleet:
    """The consumers' process. Thread-safe."""

    def __init__(self, engine: EngineName, authority: Path, folder: Path) -> None:
        self.log = folder / "consumers.log"
        self._lock = threading.Lock()
        with self.log.open("w") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "rehearsal.rotation.consumers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=PROJECT,
                env={**os.environ, "SSL_CERT_FILE": str(authority)},
                start_new_session=True,
            )
        if self._child.stdin is None or self._child.stdout is None:
            raise AssertionError
        self._orders, self._answers = self._child.stdin, self._child.stdout
        self._ask(engine=engine, authority=str(authority))

    def prepare(self, secret: Mapping[str, Any]) -> None:
        """Make what all consumers need. Raises RehearsalError."""
        self._ask(do="prepare", secret=secret)

    def start(self, service: str, number: int, secret: Mapping[str, Any]) -> bool:
        """Start a service's task with a secret; whether it is healthy."""
        return bool(self._ask(do="start", service=service, number=number, secret=secret)["healthy"])

    def stop_task(self, service: str, number: int) -> bool:
        """Let a task finish what it is at, and end it; whether it ended in time."""
        return bool(self._ask(do="stop", service=service, number=number)["stopped"])

    def audit(self, secret: Mapping[str, Any]) -> list[str]:
        """Work that was done and cannot be found, or is there twice. When all tasks have stopped."""
        return [str(text) for text in self._ask(do="audit", secret=secret)["lost"]]

    def counts(self) -> Counts:
        """What they did so far."""
        return Counts(**self._ask(do="count"))

    def stop(self) -> None:
        """End the process at once."""
        self._child.kill()
        self._child.wait(END_SECONDS)

    def _ask(self, **order: object) -> dict[str, Any]:
        """`order`, answered. Raises RehearsalError."""
        with self._lock:
            try:
                self._orders.write(json.dumps(order) + "\n")
                self._orders.flush()
                answer: dict[str, Any] = json.loads(self._answers.readline() or DIED)
            except BrokenPipeError:
                answer = json.loads(DIED)
        if "error" in answer:
            raise RehearsalError(
                f"the consumers' process failed: {answer['error']}", remedy=f"see {self.log.name}, kept with --keep"
            )
        return answer
