"""Alarms on what the waiting site sees, and on executions of the failover."""

from __future__ import annotations

from typing import Final

from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.region_guard_alarms import NAMESPACE

RUNBOOK: Final = "docs/runbooks/fail-over.md"
SUBJECT: Final = "failover"
LOST: Final = f"{SUBJECT}-lost-critical"
"""Name of the composite alarm that starts a failover, without the environment's prefix."""
LOOK_SECONDS: Final = 10
"""Period of alarms on metrics of high resolution: CloudWatch looks as often (User Guide, alarm evaluation)."""
SILENT_MINUTES: Final = 3


def signal_alarms(prefix: str) -> list[Alarm]:
    """One for each of two signals, either of which is worth a closer look. They keep their state while nobody looks."""
    meanings = {
        "probe": "The application of the active region has failed every probe of the other one's for a whole window.",
        "guard": "The active region's lease has run out, and no heartbeat comes from it.",
    }
    return [
        Alarm(
            subject=f"{SUBJECT}-{name}",
            what="lost",
            severity="warning",
            meaning=meaning,
            look_first=f"`understudy failover status`; {RUNBOOK}.",
            comparison="above",
            threshold=0,
            value=Metric(NAMESPACE, f"{name.capitalize()}Lost", {"Environment": prefix}, "Maximum"),
            period_seconds=LOOK_SECONDS,
            periods=1,
            missing="ignore",
        )
        for name, meaning in meanings.items()
    ]


def watch_alarm(prefix: str) -> Alarm:
    """Nobody would notice the loss of the active region."""
    return Alarm(
        subject=f"{SUBJECT}-watch",
        what="silent",
        severity="critical",
        meaning="The waiting region does not look at the active one any more: nothing would take over by itself.",
        look_first="the last lines of the function's log, then the executions of its workflow.",
        comparison="below",
        threshold=1,
        value=Metric(NAMESPACE, "ProbeLost", {"Environment": prefix}, "SampleCount"),
        periods=SILENT_MINUTES,
        missing="breaching",
    )


def execution_alarms(machine_arn: str, prefix: str) -> list[Alarm]:
    """Of the state machine: beside those that ended badly, those that were stopped and those that wait for somebody."""
    aborted = Metric("AWS/States", "ExecutionsAborted", {"StateMachineArn": machine_arn}, "Sum")
    return [
        Alarm(
            subject=SUBJECT,
            what="aborted",
            severity="critical",
            meaning="A failover was stopped from outside in the middle of its work; it does not go on by itself.",
            look_first=f"`understudy failover status`, then start it again: {RUNBOOK}.",
            comparison="above",
            threshold=0,
            value=aborted,
            periods=1,
        ),
        Alarm(
            subject=SUBJECT,
            what="asks",
            severity="critical",
            meaning="A failover waits for a person's answer.",
            look_first=f"`understudy failover status` shows the question; {RUNBOOK}.",
            comparison="above",
            threshold=0,
            value=Metric(NAMESPACE, "WaitsForAPerson", {"Environment": prefix}, "Maximum"),
            periods=1,
        ),
        Alarm(
            subject=SUBJECT,
            what="long",
            severity="critical",
            meaning="A failover has not come to its end within its objective.",
            look_first=f"`understudy failover status` shows the step; {RUNBOOK}.",
            comparison="above",
            threshold=0,
            value=Metric(NAMESPACE, "TakesTooLong", {"Environment": prefix}, "Maximum"),
            periods=1,
        ),
    ]
