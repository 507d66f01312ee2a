"""One run of a command: how long it took, and how much memory it and its children needed at most."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
SAMPLING_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """What one run cost."""

    seconds: float
    """From start to exit, as whoever waits for it sees it."""
    cpu_seconds: float
    """Computing time of the process and its children: what a busy machine does to `seconds` it hardly does to this."""
    peak_mib: float
    """Peaks of the process and of each child (jsii's node), added up; 0 where there is no /proc."""


def measure(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Run:
    """Run `command` in `folder`.

    Raises:
        RuntimeError: the command failed; with what it said last.
    """
    peaks: dict[int, int] = {}
    computed = _children_cpu_seconds()
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while True:
            try:
                _, said = process.communicate(timeout=SAMPLING_SECONDS)
                break
            except subprocess.TimeoutExpired:
                # The kernel keeps each process's own peak, so a sample misses only what grew after the last one.
                peaks |= {pid: peak for pid in _family(process.pid) if (peak := _peak_kib(pid))}
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{said[-2000:]}")
    return Run(seconds, _children_cpu_seconds() - computed, sum(peaks.values()) / 1024)


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> list[int]:
    """`pid` and all its descendants."""
    running = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    parents = {process: _parent(process) for process in running}
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _parent(pid: int) -> int:
    return int(_status(pid).get("PPid", "0"))


def _peak_kib(pid: int) -> int:
    return int(_status(pid).get("VmHWM", "0 kB").split()[0])


def _status(pid: int) -> dict[str, str]:
    try:
        lines = (PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
