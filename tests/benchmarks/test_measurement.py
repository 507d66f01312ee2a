"""A run is measured as a whole: its time, and the memory of every process in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.measurement import measure

HOLD_MIB = 200
HOLD = f"import time; held = bytearray({HOLD_MIB} * 2**20); time.sleep(0.3)"
PARENT_OF_HOLDER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}], check=True)"


def _measure(code: str, folder: Path) -> tuple[float, float]:
    run = measure([sys.executable, "-c", code], environment={}, folder=folder)
    return run.seconds, run.peak_mib


def test_time_is_from_start_to_exit(tmp_path: Path) -> None:
    """A command that sleeps takes at least as long."""
    seconds, _ = _measure("import time; time.sleep(0.3)", tmp_path)
    assert 0.3 <= seconds < 3


def test_computing_time_is_of_the_command_alone(tmp_path: Path) -> None:
    """Who sleeps computes nothing; who counts does."""
    sleeping = measure([sys.executable, "-c", "import time; time.sleep(0.5)"], environment={}, folder=tmp_path)
    counting = measure([sys.executable, "-c", "sum(range(20_000_000))"], environment={}, folder=tmp_path)
    assert sleeping.cpu_seconds < counting.cpu_seconds
    assert sleeping.cpu_seconds < sleeping.seconds / 2


@pytest.mark.parametrize("code", [HOLD, PARENT_OF_HOLDER], ids=["itself", "child"])
def test_memory_counts_children(tmp_path: Path, code: str) -> None:
    """What a child holds counts as much as what the process itself holds."""
    _, nothing = _measure("import time; time.sleep(0.3)", tmp_path)
    _, held = _measure(code, tmp_path)
    assert 0.9 * HOLD_MIB < held - nothing < 1.4 * HOLD_MIB


def test_failure_says_what_failed(tmp_path: Path) -> None:
    """A workload that breaks is no measurement."""
    with pytest.raises(RuntimeError, match="no such workload"):
        _measure("raise SystemExit('no such workload')", tmp_path)
