"""Processes that are known for certain: by their ID and the moment they started, since IDs are used again."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 5.0
"""How long a process may take to end when it is asked to, before it is made to."""


@dataclass(frozen=True)
class Process:
    """A process; never another one that got its ID later."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        """Return the process that has this ID now, None when none has."""
        started = _started(pid)
        return cls(pid, started) if started else None

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return _started(self.pid) == self.started

    def stop(self) -> None:
        """End it with all that it started in its session, politely first. Nothing happens when it is gone."""
        if not self.alive():
            return
        # Ours are started as leaders of a session of their own, so their children can be told with them.
        tell = os.killpg if os.getpgid(self.pid) == self.pid else os.kill
        with suppress(ProcessLookupError):
            tell(self.pid, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while self.alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            # Also for children that outlive a leader who has gone: the CDK CLI, which then holds its output folder.
            tell(self.pid, signal.SIGKILL)
        while self.alive():
            time.sleep(0.02)


def _started(pid: int) -> str:
    """Return when a process started, in whatever unit the system counts; empty when it is gone or a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name, second and in parentheses, may hold anything; the fields after it are plain.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return "" if listed.startswith("Z") else listed.partition(" ")[2].strip()
