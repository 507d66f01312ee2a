"""Starts a failover when the alarm rings, and again while it rings and nobody is at work.

An alarm acts when its state changes, and no more: a run that ended because the signals did not agree yet would be the last one.
So the clock calls too. Of two calls about the same change, one starts an execution: its name says which change. A site that has
taken over starts nothing: it would only tell people that there is nothing to take over.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec

from failover import record, standing
from failover.models import ALARM
from failover.table import Table
from shared import clock, recovery_table
from shared.aws import client, is_error
from shared.log import logger

AGAIN_SECONDS: Final = 300
"""How often the clock's calls start anything."""


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """Of this function."""

    prefix: str
    aws_region: str
    state_machine_arn: str
    alarm_name: str


@cache
def settings() -> Settings:
    """Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)


def handler(event: Mapping[str, Any], context: object) -> dict[str, str]:  # noqa: ARG001 - Lambda passes both
    """Of CloudWatch's alarm action, or of the clock."""
    mine = settings()
    data = event.get("alarmData")
    if isinstance(data, Mapping):
        state = data["state"]
        if data["alarmName"] != mine.alarm_name or state["value"] != "ALARM":
            return _not("the alarm that rings is not the one of a failover")
        return _start(mine, _seconds(state["timestamp"]), str(state.get("reason", "")))
    return _clock(mine)


def _clock(mine: Settings) -> dict[str, str]:
    found = client("cloudwatch").describe_alarms(AlarmNames=[mine.alarm_name], AlarmTypes=["CompositeAlarm"])
    alarms = found["CompositeAlarms"]
    if not alarms or alarms[0].get("StateValue") != "ALARM":
        return _not("the alarm does not ring")
    item = Table(recovery_table.name(mine.prefix), mine.aws_region).read(record.ITEM)
    if item is not None and item["state"] in {"asking", "stopped"}:
        return _not("a person has to go on with what was begun")
    since = clock.epoch() // AGAIN_SECONDS * AGAIN_SECONDS
    return _start(mine, since, str(alarms[0].get("StateReason", "")))


def _start(mine: Settings, moment: float, reason: str) -> dict[str, str]:
    if standing.has_taken_over(mine.prefix, mine.aws_region):
        return _not(f"{mine.aws_region} is the active region already")
    states = client("stepfunctions")
    running = states.list_executions(stateMachineArn=mine.state_machine_arn, statusFilter="RUNNING", maxResults=1)
    if running["executions"]:
        return _not(f"{running['executions'][0]['executionArn']} is at work")
    asked = {"mode": "failover", "environment": mine.prefix, "because": reason[:500], "by": ALARM}
    name = f"alarm-{moment:.3f}".replace(".", "-")
    try:
        begun = states.start_execution(
            stateMachineArn=mine.state_machine_arn, name=name, input=json.dumps(asked, sort_keys=True)
        )
    except Exception as failure:
        if is_error(failure, "ExecutionAlreadyExists"):
            return _not(f"{name} was started before")
        raise
    logger.info("started", extra={"execution": begun["executionArn"]})
    return {"started": begun["executionArn"]}


def _not(because: str) -> dict[str, str]:
    logger.info("nothing started", extra={"because": because})
    return {"not_started": because}


def _seconds(timestamp: str) -> float:
    """CloudWatch writes an offset without a colon (User Guide, alarm data for Lambda), which Python takes since 3.11."""
    return datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", timestamp)).timestamp()
