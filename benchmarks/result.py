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
    peak_mib: float
    resources: int
    """Resources in the templates; 0 if nothing is synthesized."""

    @property
    def ms_per_resource(self) -> float | None:
        """Whole run, start of Python and import of CDK included, divided by resources."""
        return 1000 * self.seconds / self.resources if self.resources else None


def summarize(workload: Workload, runs: list[Run], *, resources: int) -> Result:
    """The medians of `runs`."""
    seconds = [run.seconds for run in runs]
    return Result(
        workload.title,
        workload.baseline,
        median(seconds),
        min(seconds),
        max(seconds),
        median(run.peak_mib for run in runs),
        resources,
    )


def count_resources(assembly: Path) -> int:
    """Resources in all templates of a cloud assembly, those of its stages included."""
    templates = assembly.rglob("*.template.json")
    return sum(len(json.loads(file.read_text(encoding="utf-8")).get("Resources", {})) for file in templates)
