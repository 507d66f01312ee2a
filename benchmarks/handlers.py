"""How long functions take to start, against a bare botocore client in the same runs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from rich.box import SIMPLE
from rich.table import Table

from benchmarks.handler_start import BARE
from benchmarks.workload import ROOT

LAMBDAS: Final = ROOT / "lambdas"
GOAL: Final = 1.5
"""Times a bare client, at most."""
VARIANTS: Final[tuple[tuple[str, ...], ...]] = ((), ("package",), ("package", "uncompiled"))


@dataclass(frozen=True, slots=True)
class Start:
    """Medians of one handler's starts, in milliseconds of computing: import and the first client, Python's own start left out."""

    handler: str
    milliseconds: float
    with_package_milliseconds: float
    """With every module of its package, which handlers import when they first need one."""
    uncompiled_milliseconds: float
    """The same without .pyc of the layer and the function, which is how Lambda starts it."""


def handlers(folder: Path = LAMBDAS) -> list[str]:
    """Each module in lambdas/ that has a function `handler`."""
    return [
        f"{file.parent.name}.{file.stem}"
        for file in sorted(folder.glob("*/*.py"))
        if any(
            isinstance(node, ast.FunctionDef) and node.name == "handler"
            for node in ast.parse(file.read_text(encoding="utf-8")).body
        )
    ]


def measure_starts(names: Sequence[str], *, runs: int) -> tuple[float, list[Start]]:
    """Milliseconds of the bare client, and the starts of handlers; medians of `runs` runs, after one that does not count.

    All take turns, so that a disturbance hits all of them.
    """
    cases = [(BARE, ()), *((name, variant) for name in names for variant in VARIANTS)]
    times: dict[tuple[str, tuple[str, ...]], list[float]] = {case: [] for case in cases}
    for number in range(runs + 1):
        for name, variant in cases:
            milliseconds = _start(name, variant)
            times[name, variant] += [milliseconds] if number else []
    medians = {case: median(found) for case, found in times.items()}
    return medians[BARE, ()], [Start(name, *(medians[name, variant] for variant in VARIANTS)) for name in names]


def starts_table(bare_milliseconds: float, starts: Iterable[Start]) -> Table:
    """A row for each handler."""
    table = Table(box=SIMPLE, header_style="bold", caption_justify="left")
    table.caption = (
        "ms: computing time of import and first client, in a new process.\n"
        f"ratio: to a bare botocore client, {bare_milliseconds:.0f} ms; the goal is at most {GOAL}.\n"
        "package: with all modules that a first call may import.\n"
        "no .pyc: as in Lambda, where layer and archive are read-only and hold none."
    )
    table.add_column("start of", no_wrap=True)
    for column in ("ms", "ratio", "package ms", "ratio", "no .pyc ms", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    for each in starts:
        figures = (each.milliseconds, each.with_package_milliseconds, each.uncompiled_milliseconds)
        table.add_row(
            each.handler, *(text for ms in figures for text in (f"{ms:.0f}", f"{ms / bare_milliseconds:.2f}"))
        )
    return table


def _start(name: str, variant: tuple[str, ...]) -> float:
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.handler_start", name, *variant],
        cwd=ROOT,
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"{name} did not start:\n{run.stderr[-2000:]}")
    return float(run.stdout.splitlines()[-1])
