"""What is left of a rehearsal that is cut off."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from rehearsal.release.guard import TOKEN, holders
from tests.rehearsal.rotation.command import ROOT, UNDERSTUDY

PROCESSES = {"postgresql": 4, "redis": 8, "rabbitmq": 5}
"""As many run all the time once consumers work: servers, the rehearsal itself, the consumers' process.

PostgreSQL's sessions end too fast to be counted, and write their titles over what they are found by.
"""


@pytest.mark.parametrize(
    ("engine", "number"),
    [
        pytest.param("redis", signal.SIGTERM, marks=pytest.mark.full),
        ("postgresql", signal.SIGKILL),
        pytest.param("postgresql", signal.SIGINT, marks=pytest.mark.full),
        pytest.param("redis", signal.SIGKILL, marks=pytest.mark.full),
        pytest.param("rabbitmq", signal.SIGKILL, marks=pytest.mark.full),
    ],
)
def test_nothing_is_left_when_it_is_cut_off(engine: str, number: signal.Signals) -> None:
    """Neither after a polite end nor after a kill that nobody can hear: no process and no file."""
    child = subprocess.Popen(
        [UNDERSTUDY, "rehearse-rotation", "--engine", engine],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    token = folder = ""
    while len(found := holders(token) if token else []) < PROCESSES[engine]:
        assert time.monotonic() < deadline, found
        assert child.poll() is None
        token = token or _variable(child.pid, TOKEN)
        folder = folder or _variable(child.pid, "TMPDIR")
        time.sleep(0.1)
    child.send_signal(number)
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
