"""The sitting itself: what it does when something does not work."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from judges.code import ROOT
from judges.sitting import Sitting, at_once
from spec import load


def test_environment_that_does_not_synthesize_is_named(tmp_path: Path) -> None:
    """With what Python said last; nothing that was not judged passes."""
    deployment = load(ROOT / "apps" / "storefront.yaml").for_environment("dev")
    with pytest.raises(RuntimeError, match=r"(?s)storefront-dev does not synthesize.*missing\.yaml"):
        list(Sitting(tmp_path).hear_templates([(tmp_path / "missing.yaml", deployment)]))


def test_steps_arrive_as_they_end() -> None:
    """Who is quick is not kept waiting by who is slow."""

    def slow() -> str:
        time.sleep(0.2)
        return "late"

    steps = list(at_once({"slow": slow, "quick": lambda: "soon"}))
    assert [("quick", "soon"), ("slow", "late")] == [(step.title, step.detail) for step in steps]
    assert steps[0].seconds < 0.2 <= steps[1].seconds


def test_failure_ends_the_sitting() -> None:
    """What has not begun is not begun any more."""
    begun = []

    def fail() -> str:
        raise RuntimeError("no judge")

    def task(number: int) -> str:
        begun.append(number)
        time.sleep(0.05)
        return ""

    tasks = {"fails": fail} | {str(number): lambda number=number: task(number) for number in range(50)}
    with pytest.raises(RuntimeError, match="no judge"):
        list(at_once(tasks))
    assert len(begun) < 50
