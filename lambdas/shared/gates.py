"""What stands against a release of a service at this moment: red alarms and freezes of its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared import clock
from shared.aws import client
from shared.plan import Freeze, Plan


def closed(plan: Plan) -> list[str]:
    """A sentence for each gate that is closed now, whoever may pass it."""
    return [*red(plan.alarms, states(plan.alarms)), *frozen(plan.freezes, clock.now())]


def red(names: Sequence[str], states: Mapping[str, str]) -> list[str]:
    """A sentence for each alarm that is red, or that nobody can see."""
    missing = [f"the alarm {name} does not exist" for name in names if name not in states]
    return missing + [f"the alarm {name} is red" for name in names if states.get(name) == "ALARM"]


def frozen(freezes: Sequence[Freeze], now: datetime) -> list[str]:
    """A sentence for each freeze that covers `now`. Its start belongs to it, its end does not."""
    return [
        f"frozen until {freeze.end}: {freeze.because}"
        for freeze in freezes
        if datetime.fromisoformat(freeze.start) <= now < datetime.fromisoformat(freeze.end)
    ]


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
