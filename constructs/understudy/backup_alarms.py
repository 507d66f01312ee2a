"""Alarms on backups, from what the watch writes down about them (lambdas/backup_watch)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from spec import Deployment
from spec.backup import RestoreTests
from understudy.alarm import Alarm, Severity
from understudy.metric import Metric

NAMESPACE: Final = "Understudy/Backups"
RUNBOOK: Final = "docs/runbooks/restore.md"
QUARTER_SECONDS: Final = 900
"""How often the watch looks."""
DAY_HOURS: Final = 24
COPY_HOURS: Final = 3
"""A copy begins when its backup is complete, and takes its time between two regions."""
GRACE_DAYS: Final = 2
WEEK_DAYS: Final = 7
MONTH_DAYS: Final = 31
SILENT_PERIODS: Final = 4
"""Of the watch's looks in a row."""
TEST_FAILED: Final = "A restore test failed"


def backup_alarms(deployment: Deployment, resource: str) -> Iterator[Alarm]:
    """Of one resource, `database`, `data` or `files`."""
    made = _Resource(deployment.prefix, resource)
    settings = deployment.backup
    yield made.alarm(
        "failed", "FailedBackup", f"The last backup of the {resource} failed, or did not start in time.", 0
    )
    hours = DAY_HOURS + (settings.start_window_minutes + settings.completion_window_minutes) / 60
    yield made.alarm(
        "old",
        "BackupAgeHours",
        f"The newest backup of the {resource} is older than {hours:g} hours, or nobody looks any more.",
        hours,
        severity="critical",
        periods=SILENT_PERIODS,
        missing="breaching",
    )
    if (minutes := deployment.objectives.backup_minutes) is not None:
        yield made.alarm(
            "slow",
            "RunningMinutes",
            f"A backup of the {resource} began over {minutes:g} minutes ago and is not complete.",
            minutes,
            section="A backup is slow",
        )
    if deployment.copies_backups:
        yield from _copies(made, deployment)
    if settings.restore_tests is not None:
        yield from _tests(made, settings.restore_tests)


@dataclass(frozen=True, slots=True)
class _Resource:
    prefix: str
    name: str

    def alarm(
        self,
        what: str,
        metric: str,
        meaning: str,
        above: float,
        *,
        section: str = "A backup failed",
        severity: Severity = "warning",
        periods: int = 1,
        missing: Literal["notBreaching", "breaching"] = "notBreaching",
    ) -> Alarm:
        """Rings above `above`; `section` of the runbook goes on from there."""
        return Alarm(
            subject=f"{self.name}-backup",
            what=what,
            severity=severity,
            meaning=meaning,
            look_first=f'"{section}" in {RUNBOOK}.',
            comparison="above",
            threshold=above,
            value=Metric(NAMESPACE, metric, {"Environment": self.prefix, "Resource": self.name}, "Maximum"),
            period_seconds=QUARTER_SECONDS,
            periods=periods,
            missing=missing,
        )


def _copies(made: _Resource, deployment: Deployment) -> Iterator[Alarm]:
    copies, region = deployment.backup.copies, deployment.peer_region
    if copies is None:
        return
    hours = copies.every_hours + deployment.backup.completion_window_minutes / 60 + COPY_HOURS
    yield made.alarm(
        "copy-failed",
        "FailedCopy",
        f"The last copy of a backup of the {made.name} to {region} failed.",
        0,
        section="A copy failed",
    )
    yield made.alarm(
        "copy-old",
        "CopyAgeHours",
        f"The newest backup of the {made.name} in {region} is older than {hours:g} hours: that much would be lost with this region.",
        hours,
        section="A copy failed",
        severity="critical",
    )


def _tests(made: _Resource, tests: RestoreTests) -> Iterator[Alarm]:
    days = (WEEK_DAYS if tests.weekday else MONTH_DAYS) + GRACE_DAYS
    yield made.alarm(
        "untested",
        "RestoreTestAgeDays",
        f"No backup of the {made.name} was restored and found whole for {days} days.",
        days,
        section=TEST_FAILED,
    )
    yield made.alarm(
        "test-failed",
        "FailedRestoreTest",
        f"The last backup of the {made.name} that was restored to be tested is not whole, or was not looked into in time.",
        0,
        section=TEST_FAILED,
        severity="critical",
    )
    yield made.alarm(
        "copies-left",
        "CopiesLeft",
        f"A copy of the {made.name} that was restored to be tested was not removed: it costs, and it holds data.",
        0,
        section="A copy was not removed",
    )
