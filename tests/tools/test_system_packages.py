"""The servers that tests start are installed by a script that is silent when they are there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools" / "system-packages"
UNKNOWN = "a-server-that-nobody-has"


def _run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", str(script), *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def _lacking(folder: Path) -> Path:
    """The script, looking for a program that no machine has in place of HAProxy's."""
    script = folder / "system-packages"
    script.write_text(SCRIPT.read_text(encoding="utf-8").replace("has haproxy ", f"has {UNKNOWN} "), encoding="utf-8")
    return script


def test_nothing_is_said_when_everything_is_there() -> None:
    """Tests need the servers, so they are installed when tests run."""
    run = _run(SCRIPT)
    assert (0, "", "") == (run.returncode, run.stdout, run.stderr)


def test_what_is_missing_is_listed_and_not_installed(tmp_path: Path) -> None:
    """One package a line."""
    assert "haproxy\n" == _run(_lacking(tmp_path), "--list").stdout


def test_machine_without_apt_is_told_what_to_install(tmp_path: Path) -> None:
    """Exit code 1 and the names; nothing of Debian's is on this path."""
    run = _run(_lacking(tmp_path), PATH="/nonexistent")
    assert 1 == run.returncode
    assert "this machine lacks: " in run.stderr
    assert "haproxy" in run.stderr
    assert "package manager" in run.stderr
