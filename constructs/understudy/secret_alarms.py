"""Alarms on secrets, from what the hourly watch writes down about them (lambdas/secret_rotation/watch.py)."""

from __future__ import annotations

from typing import Final

from understudy.alarm import Alarm
from understudy.copy_alarms import RUNBOOK as COPIES_RUNBOOK
from understudy.metric import Metric

NAMESPACE: Final = "Understudy/Secrets"
RUNBOOK: Final = "docs/runbooks/mend-a-rotation.md"

HOUR_SECONDS: Final = 3600
GRACE_DAYS: Final = 5
"""Between a secret's rotation and the day on which its age is a fault: 35 days of one that rotates every 30."""
PENDING_MINUTES: Final = 60
LATE_HOURS: Final = 2
"""Secrets Manager has not rotated by the date that it named itself, and an hour later neither."""
SILENT_HOURS: Final = 3
COPY_SECONDS: Final = 300
"""Several looks of the mirror. Until then a failover finds the login of before the rotation, which is valid still."""
COPIES_SILENT_MINUTES: Final = 15


def rotation_alarms(name: str, full_name: str, rotation_days: int) -> list[Alarm]:
    """Too old, on its way for too long, overdue. `full_name` is the metrics' dimension."""
    days = rotation_days + GRACE_DAYS
    return [
        _alarm(
            f"{name}-secret",
            "old",
            f"The secret {full_name} is older than {days} days: several rotations of it have failed.",
            f"{RUNBOOK}, then the last error in the log of its rotation function.",
            days,
            _metric("AgeDays", full_name),
        ),
        _alarm(
            f"{name}-secret",
            "pending",
            f"A rotation of the secret {full_name} began over an hour ago and has not ended; the current value still works.",
            f"{RUNBOOK}, then the last error in the log of its rotation function.",
            PENDING_MINUTES,
            _metric("PendingMinutes", full_name),
        ),
        _alarm(
            f"{name}-secret",
            "overdue",
            f"The secret {full_name} was to be rotated by now and was not; the current value still works.",
            f"{RUNBOOK}: a rotation waits while tasks run that hold an older value.",
            0,
            _metric("OverdueDays", full_name),
            periods=LATE_HOURS,
        ),
    ]


def replacement_alarm(name: str, full_name: str, days: int) -> Alarm:
    """Of a supplied secret, which a person has to replace."""
    return _alarm(
        f"{name}-secret",
        "old",
        f"The secret {full_name}, which somebody outside supplied, is older than {days} days.",
        f"{RUNBOOK}: get a new value from whoever supplied it, put it into the secret, and release the services that use it.",
        days,
        _metric("AgeDays", full_name),
    )


def silence_alarm(subject: str, full_name: str) -> Alarm:
    """The watch writes nothing down: one alarm, where otherwise each of all those secrets would ring or none."""
    return Alarm(
        subject=subject,
        what="silent",
        severity="warning",
        meaning=f"For {SILENT_HOURS} hours nobody has looked how old the environment's secrets are.",
        look_first=f"whether the rule that starts the function {subject} is enabled, then its log; {RUNBOOK}.",
        comparison="below",
        threshold=1,
        value=Metric(NAMESPACE, "AgeDays", {"Secret": full_name}, "SampleCount"),
        period_seconds=HOUR_SECONDS,
        periods=SILENT_HOURS,
        missing="breaching",
    )


def copy_alarm(name: str, full_name: str) -> Alarm:
    """Of a secret that is copied to the region that stands in (lambdas/secret_mirror)."""
    return Alarm(
        subject=f"{name}-secret",
        what="not-copied",
        severity="warning",
        meaning=f"The region that stands in has had no current value of the secret {full_name} for over {COPY_SECONDS // 60} "
        "minutes: after a failover its tasks could not log in.",
        look_first=f"the log of the function secret-mirror: it names what AWS refused, here or there; {COPIES_RUNBOOK}.",
        comparison="above",
        threshold=COPY_SECONDS,
        value=_metric("CopyBehindSeconds", full_name),
        periods=1,
    )


def copies_silent_alarm(full_name: str) -> Alarm:
    """Nothing is copied at all, of whichever secret."""
    return Alarm(
        subject="secret-mirror",
        what="silent",
        severity="warning",
        meaning=f"For {COPIES_SILENT_MINUTES} minutes no secret was looked at for the region that stands in.",
        look_first="whether this region still holds the lease; then the rule that starts the function secret-mirror, and its "
        f"log; {COPIES_RUNBOOK}.",
        comparison="below",
        threshold=1,
        value=Metric(NAMESPACE, "CopyBehindSeconds", {"Secret": full_name}, "SampleCount"),
        periods=COPIES_SILENT_MINUTES,
        missing="breaching",
    )


def _metric(name: str, full_name: str) -> Metric:
    return Metric(NAMESPACE, name, {"Secret": full_name}, "Maximum")


def _alarm(
    subject: str, what: str, meaning: str, look_first: str, threshold: float, value: Metric, *, periods: int = 1
) -> Alarm:
    """An hour without data says nothing about the secret: `silence_alarm` is for that."""
    return Alarm(
        subject=subject,
        what=what,
        severity="warning",
        meaning=meaning,
        look_first=look_first,
        comparison="above",
        threshold=threshold,
        value=value,
        period_seconds=HOUR_SECONDS,
        periods=periods,
        missing="ignore",
    )
