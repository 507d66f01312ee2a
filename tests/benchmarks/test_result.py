"""Figures come from the runs, and ratios from the same runs' baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.measurement import Run, measure
from benchmarks.result import Result, count_resources, ms_per_resource, summarize
from benchmarks.table import result_table
from benchmarks.workload import ROOT, Workload, workloads

EMPTY = Result("empty app", "empty app", 1.5, 1.4, 1.6, 2.0, 150, 1)
PRODUCTION = Result("production", "empty app", 12.0, 11.0, 13.0, 14.0, 300, 301)


def test_result_is_the_median_of_the_runs() -> None:
    """One slow run does not move the figure."""
    workload = Workload("production", ("true",), "empty app")
    runs = [Run(11.0, 15.0, 290), Run(60.0, 14.0, 900), Run(12.0, 13.0, 300)]
    expected = Result("production", "empty app", 12.0, 11.0, 60.0, 14.0, 300, 301)
    assert expected == summarize(workload, runs, resources=301)


def test_time_per_resource_is_told_with_and_without_the_start() -> None:
    """Twelve seconds for three hundred resources more than none are 40 ms each, and 35 beyond the empty app."""
    assert (40.0, 35.0) == ms_per_resource(PRODUCTION, EMPTY)
    assert ms_per_resource(EMPTY, EMPTY) is None


def test_resources_of_stages_count(tmp_path: Path) -> None:
    """A Stage writes its templates into a folder of its own."""
    for file in (tmp_path / "data.template.json", tmp_path / "assembly-shop-1" / "data.template.json"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"Resources": {"A": {}, "B": {}}}), encoding="utf-8")
    assert count_resources(tmp_path) == 4


def test_table_shows_the_ratio_to_the_baseline() -> None:
    """Twelve seconds are eight times one and a half."""
    console = Console(record=True, width=120)
    console.print(result_table([EMPTY, PRODUCTION]))
    row = next(line for line in console.export_text().splitlines() if "production" in line)
    assert ["production", "12.00", "8.0", "14.00", "301", "40.00", "35.00", "300"] == row.split()


def test_every_baseline_is_measured() -> None:
    """A ratio needs its baseline in the same runs."""
    titles = {workload.title for workload in workloads()}
    assert {workload.baseline for workload in workloads()} <= titles


def test_validation_is_what_the_titles_say(tmp_path: Path) -> None:
    """The library reads a variable; each workload must set it."""
    assert {workload.title: "validated" in workload.title for workload in workloads()} == {
        workload.title: workload.environment(tmp_path)["CDK_VALIDATION"] == "true" for workload in workloads()
    }


def test_byte_code_is_not_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without byte-code the import of CDK takes seconds, and the figures would be of that."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in workloads()[0].environment(tmp_path)


def test_empty_app_is_measured(tmp_path: Path) -> None:
    """The baseline runs, validated too, with the node process that CDK starts, and has one resource."""
    workload = next(each for each in workloads() if each.title == "empty app, validated")
    run = measure(workload.command, environment=workload.environment(tmp_path), folder=ROOT)
    assert run.peak_mib > 100
    assert (tmp_path / "Empty.template.json").exists()
    assert count_resources(tmp_path) == 1
