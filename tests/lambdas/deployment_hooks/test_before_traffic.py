"""The last gate: alarms, freezes, and who passes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_plan import REGION
from release_world import ReleaseWorld

from shared.gates import frozen
from shared.plan import Freeze

FREEZE = {"start": "2020-01-01T00:00:00+01:00", "end": "2999-01-01T00:00:00Z", "because": "the sale"}


def _alarm(name: str, state: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]) -> None:
    cloudwatch = boto3.client("cloudwatch", REGION)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        MetricName="x",
        Namespace="y",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def test_an_open_gate(world: ReleaseWorld) -> None:
    """An alarm without data is not red: before the shift the new target group has no requests."""
    _alarm("errors", "OK")
    _alarm("slow", "INSUFFICIENT_DATA")
    world.write_plan(alarms=["errors", "slow"])
    found = world.deliver("before_traffic")
    assert ("SUCCEEDED", "none of 2 alarms is red, and no freeze holds") == (found["status"], found["reason"])


def test_a_closed_gate_says_everything(world: ReleaseWorld) -> None:
    """Red, missing and frozen."""
    _alarm("errors", "ALARM")
    world.write_plan(alarms=["errors", "gone"], freezes=[FREEZE])
    found = world.deliver("before_traffic")
    assert "FAILED" == found["status"]
    assert (
        "the alarm gone does not exist; the alarm errors is red; frozen until 2999-01-01T00:00:00Z: the sale"
        == found["reason"]
    )


def test_somebody_may_answer_for_it(world: ReleaseWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Who and why stand in the answer, in the ledger and in the log."""
    _alarm("errors", "ALARM")
    world.write_plan(alarms=["errors"], freezes=[FREEZE], break_glass={"by": "Ada", "because": "the fix for it"})
    found = world.deliver("before_traffic")
    assert "SUCCEEDED" == found["status"]
    assert found["reason"].startswith("passed by Ada, because the fix for it, although the alarm errors is red; frozen")
    kept = world.entry("break_glass")
    assert ("Ada", "the fix for it") == (kept["by"], kept["because"])
    assert "the alarm errors is red" in kept["passed"]
    assert [("WARNING", "a closed gate was passed")] == [
        (record.levelname, record.message) for record in caplog.records if record.levelname == "WARNING"
    ]


def test_nobody_is_named_for_an_open_gate(world: ReleaseWorld) -> None:
    """Glass that was not broken is not written down."""
    world.write_plan(break_glass={"by": "Ada", "because": "the fix for it"})
    assert "SUCCEEDED" == world.deliver("before_traffic")["status"]
    assert {} == world.entry("break_glass")


def test_a_freeze_that_cannot_be_read_closes_the_gate(world: ReleaseWorld) -> None:
    """Rather than let everything pass."""
    world.write_plan(freezes=[FREEZE | {"start": "tomorrow"}])
    assert "FAILED" == world.deliver("before_traffic")["status"]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(-90, 90), st.integers(-12, 14))  # noqa: DTZ001
def test_a_freeze_covers_its_start_and_not_its_end(start: datetime, minutes: int, offset: int) -> None:
    """In whatever zone it is written."""
    begin = start.replace(microsecond=0, tzinfo=UTC)
    end = begin + timedelta(hours=1)
    written = [
        (moment + timedelta(hours=offset)).strftime("%Y-%m-%dT%H:%M:%S") + f"{offset:+03d}:00"
        for moment in (begin, end)
    ]
    held = frozen([Freeze(written[0], written[1], "it")], begin + timedelta(minutes=minutes))
    assert bool(held) == (0 <= minutes < 60)
