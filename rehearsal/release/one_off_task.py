"""A task that runs one command of an image and ends."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.clock import Clock
from rehearsal.release.tasks import LOOK_SECONDS, PROJECT, Start
from rehearsal.release.versions import Version
from rehearsal.servers.program import Program


class OneOffTask:
    """A container that runs one command of the image and ends: a migration."""

    def __init__(
        self,
        name: str,
        version: Version,
        command: Sequence[str],
        variables: Mapping[str, str],
        start: Start,
        clock: Clock,
    ) -> None:
        self.version = version
        self.command = tuple(command)
        self._variables = variables
        self._start = start
        self._clock = clock
        self._name = name
        self._program: Program | None = None
        self._over = threading.Event()
        self._stopped = threading.Event()
        threading.Thread(target=self._live, name=name, daemon=True).start()

    def described(self) -> dict[str, Any]:
        """As the contract's JSON has it."""
        if self._over.is_set():
            return {"status": "STOPPED", "exit_code": self._program.exit_code if self._program else None}
        return {"status": "RUNNING" if self._program else "PENDING", "exit_code": None}

    def kill(self) -> None:
        """End it at once."""
        self._stopped.set()
        if self._program is not None:
            self._program.stop(patience_seconds=1.0)

    def _live(self) -> None:
        if not self._stopped.wait(self._clock.real_seconds(self._start.pull_seconds)):
            self._program = Program(
                [sys.executable, "-m", "rehearsal.release.application.migration", *self.command],
                log=self._start.folder / f"one-off-{os.path.basename(self._name)}.log",  # noqa: PTH119
                variables={
                    **self._variables,
                    **self._start.variables,
                    "VERSION": self.version.name,
                    "BEHAVIOUR": self.version.behaviour,
                    "MIGRATED": "yes" if self.version.migrates else "",
                },
                folder=PROJECT,
            )
            while self._program.exit_code is None:
                time.sleep(LOOK_SECONDS)
        self._over.set()
