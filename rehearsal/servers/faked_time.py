"""A server that sees the clock of a rehearsal, by libfaketime: what it writes down, and how long it waits.

Timers of setitimer(2) stay real, PostgreSQL's `statement_timeout` and its like among them.
https://github.com/wolfcw/libfaketime
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from rehearsal.clock import Clock
from rehearsal.failure import RehearsalError

PLACES: Final = "/usr/lib/*/faketime/libfaketime.so.1"
CACHE_SECONDS: Final = "1"
"""Real: how often the processes look into the file."""


def library() -> Path:
    """Where it is. Raises RehearsalError."""
    for found in sorted(Path("/").glob(PLACES.lstrip("/"))):
        return found
    raise RehearsalError("libfaketime is not installed", remedy="run `tools/system-packages`")


class FakedTime:
    """One server's. The file says by how much its clock was ahead when its process began; from there it runs faster."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file, self._clock = file, clock
        self._ahead = 0.0

    def variables(self) -> dict[str, str]:
        """For a process that starts now."""
        self._write(self._clock.epoch() - time.time())
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": CACHE_SECONDS,
        }

    def correct(self, server_epoch: float) -> None:
        """The server said just now that it is `server_epoch`: its process took a moment to begin."""
        self._write(self._ahead + self._clock.epoch() - server_epoch)

    def _write(self, ahead: float) -> None:
        self._ahead = ahead
        self._file.write_text(f"{ahead:+.6f} x{self._clock.speed:g}\n")
        self._file.chmod(0o644)
