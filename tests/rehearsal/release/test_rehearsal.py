"""Whole releases, through the command a person types: a few here, all of them in `make test-full`."""

from __future__ import annotations

import signal
import subprocess

import pytest

from rehearsal.release.matrix import plans
from rehearsal.release.plan import Plan
from tests.rehearsal.cut_off import ROOT, UNDERSTUDY, cut_off

SAMPLES = (
    ("codedeploy", "canary", "errors"),
    ("ecs", "canary", "good"),
)
PATIENCE_SECONDS = 400


def rehearsed(engine: str, strategy: str, version: str) -> subprocess.CompletedProcess[str]:
    """What the command printed, and its exit code."""
    arguments = ["rehearse-release", "--engine", engine, "--strategy", strategy, "--version", version]
    return subprocess.run(
        [UNDERSTUDY, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


@pytest.mark.parametrize("sample", SAMPLES, ids="-".join)
def test_a_release_ends_as_it_must(sample: tuple[str, str, str]) -> None:
    """A good version is live and a bad one gone again, and no request failed that a bad version did not itself answer."""
    done = rehearsed(*sample)
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "the right outcome" in done.stdout


@pytest.mark.full
@pytest.mark.parametrize(
    "plan",
    [plan for plan in plans() if (plan.engine, plan.strategy, plan.version) not in SAMPLES],
    ids=lambda plan: f"{plan.engine}-{plan.strategy}-{plan.version}",
)
def test_every_release_ends_as_it_must(plan: Plan) -> None:
    """Every strategy of both engines, with every version."""
    done = rehearsed(plan.engine, plan.strategy, plan.version)
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "number",
    [pytest.param(signal.SIGINT, id="SIGINT", marks=pytest.mark.full), pytest.param(signal.SIGKILL, id="SIGKILL")],
)
def test_nothing_is_left_when_it_is_cut_off(number: signal.Signals) -> None:
    """Neither after Ctrl-C nor after a kill that nobody can hear: the guard ends what is left, and removes the files."""
    # Until database, cache, load balancer and the embedded AWS run.
    cut_off("rehearse-release", by=number, processes=5, seconds=60)
