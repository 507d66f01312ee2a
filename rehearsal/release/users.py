"""The load as seen from the stage: started, asked how far it is, ended."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rehearsal.failure import RehearsalError
from rehearsal.release.tasks import PROJECT

END_SECONDS: Final = 90.0
"""Real: until the answers that are due have come, or have taken too long, on a busy machine."""


class Users:
    """A child process that sends requests until `stop`."""

    def __init__(self, order: Mapping[str, Any], folder: Path) -> None:
        """`order` has the fields of rehearsal.release.load's Order, except for the file."""
        self.file = folder / "requests.tsv"
        self._log = folder / "load.log"
        self.tally = {"sent": 0, "answered": 0, "failed": 0}
        with self._log.open("w") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "rehearsal.release.load", json.dumps({**order, "file": str(self.file)})],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=PROJECT,
                start_new_session=True,
            )
        self.pid = self._child.pid
        self._reader = threading.Thread(target=self._read, name="users", daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """Send no more; wait for the answers that are due.

        Raises:
            RehearsalError: the load died before, or has no end.
        """
        if self._child.poll() is None and self._child.stdin:
            self._child.stdin.close()
            try:
                self._child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                waiting = self.tally["sent"] - self.tally["answered"]
                raise RehearsalError(
                    f"the load has not ended after {END_SECONDS:.0f} s: {waiting} requests are under way",
                    remedy="the machine does not keep up with the rehearsal: let nothing else run beside it, and try again",
                ) from None
        self._reader.join()
        if self._child.wait() != 0:
            raise RehearsalError("the load has died", remedy="see below", details=self._log.read_text()[-2000:])

    def kill(self) -> None:
        """End it at once."""
        self._child.kill()
        self._child.wait()

    def _read(self) -> None:
        for line in self._child.stdout or ():
            self.tally = json.loads(line)
