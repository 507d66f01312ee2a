"""Workers of a region as seen from the stage: a process of theirs, ended and started with the region."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from rehearsal.release.tasks import PROJECT
from rehearsal.servers.program import Program


class Workers:
    """Off at first."""

    def __init__(self, region: str, variables: Mapping[str, str], folder: Path) -> None:
        self.file = folder / "acknowledged.tsv"
        self._region, self._variables, self._folder = region, variables, folder
        self._program: Program | None = None
        self._lock = threading.Lock()

    def power(self, on: bool) -> None:  # noqa: FBT001  # a switch
        """Have them work, or end them at once."""
        with self._lock:
            running = self._program is not None and self._program.exit_code is None
            if on and not running:
                self._program = Program(
                    [sys.executable, "-m", "rehearsal.failover.worker", str(self.file)],
                    log=self._folder / "workers.log",
                    variables=dict(self._variables),
                    folder=PROJECT,
                )
            elif not on and running and self._program:
                self._program.stop(patience_seconds=0.0)
