"""Alarms on drills: one that is late, one that missed an objective, and what one has left."""

from __future__ import annotations

from typing import Final

from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.region_guard_alarms import NAMESPACE

RUNBOOK: Final = "docs/runbooks/drill.md"
SUBJECT: Final = "drill"
GRACE_DAYS: Final = 7
"""In which one that failed is tried again each day, before the whole is late."""
HOUR_SECONDS: Final = 3600


def held_alarm(prefix: str) -> Alarm:
    """What came of the newest one."""
    return Alarm(
        subject=SUBJECT,
        what="missed",
        severity="warning",
        meaning="The newest drill did not come to its end, or showed that a failover would miss an objective.",
        look_first=f"`understudy drill status`; {RUNBOOK}.",
        comparison="above",
        threshold=0,
        value=Metric(NAMESPACE, "DrillMissed", {"Environment": prefix}, "Maximum"),
        periods=1,
        # Until the next one says otherwise.
        missing="ignore",
    )


def late_alarm(prefix: str, days: int) -> Alarm:
    """Nobody knows any more whether a failover would work; also when the clock has stopped calling."""
    return Alarm(
        subject=SUBJECT,
        what="late",
        severity="warning",
        meaning=f"No drill has gone through for more than {days + GRACE_DAYS} days, or nobody looks after them.",
        look_first=f"`understudy drill status`, then the log of the function drill-clock; {RUNBOOK}.",
        comparison="above",
        threshold=days + GRACE_DAYS,
        value=Metric(NAMESPACE, "DrillAgeDays", {"Environment": prefix}, "Maximum"),
        period_seconds=HOUR_SECONDS,
        periods=3,
        missing="breaching",
    )


def left_alarm(prefix: str) -> Alarm:
    """It costs as much as the database."""
    return Alarm(
        subject=SUBJECT,
        what="left",
        severity="warning",
        meaning="Something that a drill made is still there hours after it, although it is removed again and again.",
        look_first=f"the log of the function drill-clock, which names it; {RUNBOOK}.",
        comparison="above",
        threshold=0,
        value=Metric(NAMESPACE, "DrillLeft", {"Environment": prefix}, "Minimum"),
        period_seconds=HOUR_SECONDS,
        periods=3,
    )
