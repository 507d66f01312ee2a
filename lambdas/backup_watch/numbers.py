"""Metrics of each resource: how old its newest backup, copy and test are, and whether the last of each came to a good end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from backup_watch.models import Settings, Watched
from shared import clock
from shared.aws import client

HOUR: Final = 3600.0
MINUTE: Final = 60.0
DAY: Final = 24 * HOUR
EVERY: Final = timedelta(minutes=15)
"""Between two looks."""
LOOKED_BACK: Final = timedelta(days=8)
TESTS_LOOKED_BACK: Final = timedelta(days=70)
"""Two monthly tests."""
ENDED: Final = frozenset({"COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL"})
REMOVAL_HOURS: Final = 24
"""After its time a copy that is still there is one that AWS Backup could not remove. Buckets are emptied by a rule of a day's
and are given more (AWS Backup Developer Guide, restore testing, cleanup)."""
BUCKET_REMOVAL_HOURS: Final = 96

Numbers = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Look:
    """At this moment."""

    mine: Settings
    now: datetime

    @classmethod
    def at_once(cls, mine: Settings) -> Look:
        """Now."""
        return cls(mine, clock.now())

    def of(self, resource: Watched) -> dict[str, float]:
        """Metrics of one resource, by their names."""
        found = dict(self._backups(resource))
        if self.mine.copies_arn:
            found |= dict(self._copies(resource))
        if self.mine.plan_arn:
            found |= dict(self._tests(resource))
        return found

    def _backups(self, resource: Watched) -> Numbers:
        jobs = self._pages(
            "list_backup_jobs",
            "BackupJobs",
            ByResourceArn=resource.arn,
            ByBackupVaultName=self.mine.vault,
            ByCreatedAfter=self.now - LOOKED_BACK,
        )
        yield "FailedBackup", _last_failed(jobs, "State")
        yield "RunningMinutes", max((self._took(job) / MINUTE for job in jobs if self._at_work(job)), default=0.0)
        points = self._pages(
            "list_recovery_points_by_backup_vault",
            "RecoveryPoints",
            BackupVaultName=self.mine.vault,
            ByResourceArn=resource.arn,
            ByCreatedAfter=self.now - LOOKED_BACK,
        )
        newest = max((point["CreationDate"] for point in points if point["Status"] == "COMPLETED"), default=None)
        yield "BackupAgeHours", self._since(newest or self._vault_made()) / HOUR

    def _copies(self, resource: Watched) -> Numbers:
        jobs = self._pages(
            "list_copy_jobs",
            "CopyJobs",
            ByResourceArn=resource.arn,
            ByDestinationVaultArn=self.mine.copies_arn,
            ByCreatedAfter=self.now - LOOKED_BACK,
        )
        yield "FailedCopy", _last_failed(jobs, "State")
        made = max((job["CreationDate"] for job in jobs if job["State"] == "COMPLETED"), default=None)
        yield "CopyAgeHours", self._since(made or self._vault_made()) / HOUR

    def _tests(self, resource: Watched) -> Numbers:
        jobs = self._pages(
            "list_restore_jobs",
            "RestoreJobs",
            ByRestoreTestingPlanArn=self.mine.plan_arn,
            ByResourceType=resource.type,
            ByCreatedAfter=self.now - TESTS_LOOKED_BACK,
        )
        judged = [job for job in jobs if job.get("ValidationStatus") in {"SUCCESSFUL", "FAILED", "TIMED_OUT"}]
        ended = [job for job in jobs if job["Status"] in {"FAILED", "ABORTED"}] + judged
        last = max(ended, key=_created, default=None)
        yield "FailedRestoreTest", float(last is not None and last.get("ValidationStatus") != "SUCCESSFUL")
        good = max((job["CreationDate"] for job in judged if job["ValidationStatus"] == "SUCCESSFUL"), default=None)
        yield "RestoreTestAgeDays", self._since(good or self._plan_made()) / DAY
        yield "CopiesLeft", float(sum(self._left(job) for job in jobs))

    def _at_work(self, job: Any) -> bool:  # noqa: ANN401 - as AWS Backup describes it
        """Whether it runs, or came to its end since the last look."""
        ended = job.get("CompletionDate")
        return job["State"] == "RUNNING" or (ended is not None and self._since(ended) <= EVERY.total_seconds())

    def _took(self, job: Any) -> float:  # noqa: ANN401 - as AWS Backup describes it
        """Seconds from its start, for which a job may wait an hour and more."""
        ended = self.now if job["State"] == "RUNNING" else job["CompletionDate"]
        began: datetime = job.get("InitiationDate") or job["CreationDate"]
        return max(0.0, (ended - began).total_seconds())

    def _vault_made(self) -> datetime:
        """Where there is no backup, from when on there could have been one."""
        made: datetime = client("backup").describe_backup_vault(BackupVaultName=self.mine.vault)["CreationDate"]
        return max(made, self.now - LOOKED_BACK)

    def _plan_made(self) -> datetime:
        """Where none was tested, from when on one could have been."""
        plan = client("backup").get_restore_testing_plan(RestoreTestingPlanName=self.mine.plan)["RestoreTestingPlan"]
        made: datetime = plan["CreationTime"]
        return max(made, self.now - TESTS_LOOKED_BACK)

    def _left(self, job: Any) -> bool:  # noqa: ANN401 - as AWS Backup describes it
        """Whether the copy that the job made should be gone and is not."""
        if not job.get("CreatedResourceArn") or job.get("DeletionStatus") == "SUCCESSFUL":
            return False
        removal = BUCKET_REMOVAL_HOURS if job.get("ResourceType") == "S3" else REMOVAL_HOURS
        ended = job.get("CompletionDate") or job["CreationDate"]
        return self._since(ended) > (self.mine.validation_hours + removal) * HOUR

    def _since(self, moment: datetime) -> float:
        return max(0.0, (self.now - moment).total_seconds())

    def _pages(self, operation: str, member: str, **parameters: Any) -> list[Any]:  # noqa: ANN401 - any parameters
        pages = client("backup").get_paginator(operation).paginate(**parameters)
        return [item for page in pages for item in page[member]]


def _created(job: Any) -> datetime:  # noqa: ANN401 - as AWS Backup describes it
    moment: datetime = job["CreationDate"]
    return moment


def _last_failed(jobs: Iterable[Any], state: str) -> float:
    """1 where the last that ended did not come to a good end."""
    last = max((job for job in jobs if job[state] in ENDED), key=_created, default=None)
    return float(last is not None and last[state] != "COMPLETED")
