"""Reads the state of alarms."""

from __future__ import annotations

from collections.abc import Sequence

from shared.aws import client


def states(names: Sequence[str]) -> dict[str, str]:
    """`OK`, `ALARM` or `INSUFFICIENT_DATA` by name; an alarm that does not exist is left out."""
    if not names:
        return {}
    found: dict[str, str] = {}
    pages = (
        client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    )
    for page in pages:
        for alarm in (*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])):
            found[alarm.get("AlarmName", "")] = str(alarm.get("StateValue"))
    return found
