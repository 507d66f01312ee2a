"""A rehearsal that is cut off once it is at work, and what it may leave: nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from rehearsal.release.guard import TOKEN, holders

ROOT = Path(__file__).parents[2]
UNDERSTUDY = Path(sys.executable).parent / "understudy"


def cut_off(*command: str, by: signal.Signals, processes: int, seconds: float) -> None:
    """Signal `understudy COMMAND` once as many of its processes run, within `seconds`; no process and no file is left."""
    child = subprocess.Popen([UNDERSTUDY, *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + seconds
    token = folder = ""
    while len(found := holders(token) if token else []) < processes:
        assert time.monotonic() < deadline, found
        assert child.poll() is None
        token = token or _variable(child.pid, TOKEN)
        folder = folder or _variable(child.pid, "TMPDIR")
        time.sleep(0.1)
    child.send_signal(by)
    child.wait(60)
    deadline = time.monotonic() + 30
    while left := [*holders(token), *([folder] if Path(folder).exists() else [])]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _variable(process: int, name: str) -> str:
    """A variable that only a rehearsal's children have, the guard apart; empty while there are none."""
    listed = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout.split()
    for child in listed:
        try:
            environment = (Path("/proc") / child / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        variables = dict(entry.partition("=")[::2] for entry in environment)
        if TOKEN in variables:
            return variables.get(name, "")
    return ""
