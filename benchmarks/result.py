"""What the runs of one workload come to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measurement import Run
from benchmarks.workload import Workload


@dataclass(frozen=True, slots=True)
class Result:
    """Medians over the runs of a workload."""

    title: str
    baseline: str
    seconds: float
    fastest_seconds: float
    slowest_seconds: float
    cpu_seconds: float
    peak_mib: float
    resources: int
    """Resources in the templates; 0 if nothing is synthesized."""


def ms_per_resource(result: Result, baseline: Result) -> tuple[float, float] | None:
    """Milliseconds for each resource that the baseline does not have: of the whole run, and beyond the baseline's.

    The first counts the start of Python and the import of CDK among the resources; the second does not. None if there
    is nothing to compare.
    """
    more = result.resources - baseline.resources
    if more <= 0:
        return None
    return 1000 * result.seconds / more, 1000 * (result.seconds - baseline.seconds) / more


def summarize(workload: Workload, runs: list[Run], *, resources: int) -> Result:
    """The medians of `runs`."""
    seconds = [run.seconds for run in runs]
    return Result(
        workload.title,
        workload.baseline,
        median(seconds),
        min(seconds),
        max(seconds),
        median(run.cpu_seconds for run in runs),
        median(run.peak_mib for run in runs),
        resources,
    )


def count_resources(assembly: Path) -> int:
    """Resources in all templates of a cloud assembly, those of its stages included."""
    templates = assembly.rglob("*.template.json")
    return sum(len(json.loads(file.read_text(encoding="utf-8")).get("Resources", {})) for file in templates)
