"""Who notices that the region that stands in falls behind: by the numbers that are there when the other region is not."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from sites import ROWS, built
from template import Template, properties, resources

from failover import watch
from spec.recovery import Recovery

Synthesized = Callable[[str, str], dict[str, Template]]
RECOVERY = Recovery()
"""Which says nothing else of the waiting region's copies."""


@pytest.fixture(scope="module")
def production() -> dict[str, Template]:
    """The generator platform's, with its stand-in."""
    return {name: stack.template for name, stack in built(ROWS[0]).items()}


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    """By name without the environment's prefix."""
    found = properties(template, "AWS::CloudWatch::Alarm")
    return {alarm["AlarmName"].removeprefix("generator-platform-prod-"): alarm for alarm in found}


def test_R3_the_waiting_database_is_watched_by_its_heartbeat(production: dict[str, Template]) -> None:
    """Where it waits, by what the watch writes down of it, against what the objective counts: the lag and one heartbeat."""
    alarm = _alarms(production["standin-recovery"])["database-copy-late-warning"]
    assert RECOVERY.lag_seconds + RECOVERY.heartbeat_seconds == alarm["Threshold"]
    assert ("HeartbeatAgeSeconds", "Minimum", "breaching") == (
        alarm["MetricName"],
        alarm["Statistic"],
        alarm["TreatMissingData"],
    )
    assert f'"{alarm["MetricName"]}"' in inspect.getsource(watch)
    assert RECOVERY.probe_seconds <= alarm["Period"], "a period without a look would ring"
    assert "database-copy-late-warning" not in _alarms(production["recovery"])


@pytest.mark.parametrize("bucket", ["data", "backups"])
def test_R3_how_late_objects_are_is_asked_where_they_arrive(production: dict[str, Template], bucket: str) -> None:
    """By the name of the bucket that they are copied to; S3 tells nowhere else, and the source's name is not known there."""
    alarm = _alarms(production["standin-storage"])[f"objects-{bucket}-late-warning"]
    assert 60 * RECOVERY.objects_minutes == alarm["Threshold"]
    (query,) = alarm["Metrics"]
    begin, reference, end = query["Expression"]["Fn::Join"][1]
    named = production["standin-storage"]["Resources"][reference["Ref"]]
    assert ("AWS::S3::Bucket", "'") == (named["Type"], end)
    assert begin.startswith("SELECT MAX(ReplicationLatency) FROM SCHEMA(")
    assert begin.endswith("WHERE DestinationBucket = '")
    assert (True, alarm["EvaluationPeriods"] * 300) == (query["ReturnData"], query["Period"])


def test_R3_each_bucket_that_is_copied_has_an_alarm_at_both_ends(production: dict[str, Template]) -> None:
    """One of what could not be copied, one of what is late."""
    copied = [
        bucket
        for bucket in resources(production["storage"], "AWS::S3::Bucket")
        if "ReplicationConfiguration" in bucket["Properties"]
    ]
    for stack, end in (("storage", "not-copied"), ("standin-storage", "late")):
        assert len(copied) == sum(
            name.endswith(f"-{end}-warning") and name.startswith("objects-") for name in _alarms(production[stack])
        )


def test_R3_without_a_stand_in_nobody_watches_copies(synthesized: Synthesized) -> None:
    """Development has none."""
    told = json.dumps(synthesized("generator-platform", "dev"))
    assert "ReplicationLatency" not in told
    assert "HeartbeatAgeSeconds" not in told
