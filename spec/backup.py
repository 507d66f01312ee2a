"""Backups: what AWS Backup takes and keeps, where copies go, what cannot be undone, and how restoring is tested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from spec.model import DailyTime, Model, TimeWindow

Days = Annotated[int, Field(ge=1, le=36_500)]
"""AWS Backup keeps a recovery point for a hundred years at the most (Developer Guide, quotas)."""

COLD_DAYS: Final = 90
"""What is moved to cold storage stays there for at least as long (AWS Backup API, Lifecycle)."""
LONGER_DAYS: Final = 120
"""The specification moves to cold storage what is kept for this long or longer, and nothing else."""

DAILY: Final = "daily"
COPIED: Final = "copied"
CONTINUOUS: Final = "continuous"
DAY_HOURS: Final = 24


class Longer(Model):
    """A rule of its own for what is kept longer than the daily backups."""

    every: Literal["week", "month"]
    """On Sundays, or on the first of the month, at the daily backup's time."""
    keep_days: Days
    cold_after_days: Annotated[int, Field(ge=1)] | None = None
    """Move it to cold storage, where it stays for 90 days or more. Of the file system; RDS and S3 have none (AWS Backup Developer
    Guide, feature availability by resource)."""


class Copies(Model):
    """Copies in the stand-in region, where `recovery.strategy` is not `none`."""

    every_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = 24
    """How often a backup is taken to be copied. 24: the daily one is. What has changed since is lost with the region."""
    keep_days: Days = 30
    """There. Backups that are taken only to be copied go here as soon as the lock lets them."""


class Lock(Model):
    """What nobody may delete or keep shorter, in the vault of either region (AWS Backup Vault Lock)."""

    mode: Literal["governance", "compliance"] = "governance"
    """`governance`: whoever may change the lock can still lift it. `compliance`: nobody can, AWS included, once
    `changeable_for_days` are over; the vault then outlives the application."""
    changeable_for_days: Annotated[int, Field(ge=3, le=36_500)] | None = None
    """With `compliance`: days in which it can still be taken back. AWS asks for three."""
    min_days: Days = 7
    """A backup that is kept for less is refused by the vault."""
    max_days: Days | None = None
    """A backup that is kept for more is refused by the vault. null: no limit."""


class RestoreTests(Model):
    """Backups are restored beside the environment, looked into, and removed again."""

    weekday: Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"] | None = "SUN"
    """null: on the first of the month."""
    time: DailyTime = "06:00"
    """UTC, in quotes."""
    validation_hours: Annotated[int, Field(ge=1, le=168)] = 6
    """How long a copy is kept for the look into it; then AWS Backup removes it, whether there was a verdict or not."""
    fewer_percent: Annotated[float, Field(ge=0, lt=100)] = 10.0
    """By how much a table may have fewer rows, a bucket fewer objects, the file system fewer files than the manifest, which is
    written before the backup. More is normal."""
    changed_percent: Annotated[float, Field(ge=0, lt=100)] = 5.0
    """How many of the sampled rows, objects and files that did not change from one manifest to the next may differ."""
    newest_columns: tuple[str, ...] = ("updated_at", "created_at")
    """Columns of time stamps; of the first that a table has, the newest value says how new the copy is."""
    newest_hours: Annotated[int, Field(ge=1)] | None = 24
    """How old the database's newest record may have been at the time of the backup. null: any age. Objects and files, which
    may be quiet for days, are held against the manifest alone."""
    image: str = "public.ecr.aws/docker/library/busybox:1.37"
    """Of the task that looks into the file system; it needs `sh`, `find`, `stat`, `sort` and `sha256sum`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a plan; `schedule` in EventBridge's form, UTC."""

    name: str
    schedule: str
    keep_days: int
    cold_after_days: int | None = None
    copy_days: int | None = None
    """How long its copy in the stand-in region is kept; None: it is not copied."""


class Backup(Model):
    """Backups of database, cache, buckets and file system.

    `retention_days` and `window` are of RDS and ElastiCache. The rest is for AWS Backup (docs/backups.md); copies count in the
    objectives.
    """

    retention_days: Annotated[int, Field(ge=1, le=35)] = 30
    """How long RDS's and ElastiCache's own backups are kept; both allow 35. The database can be restored to any second of them."""
    window: TimeWindow = "04:00-05:00"
    """Of these; daily, in UTC, in quotes, at least 60 minutes (ElastiCache's least). Not within an hour of `time`."""
    time: DailyTime = "00:00"
    """When the daily backup may start, UTC, in quotes."""
    daily_days: Days | None = 30
    """How long the daily backups of database, data bucket and file system are kept by AWS Backup. null: it takes none."""
    continuous_days: Annotated[int, Field(ge=1, le=35)] | None = 30
    """The data bucket can be restored to any second of these; AWS Backup allows 35. null: to the daily backups alone."""
    longer: tuple[Longer, ...] = (Longer(every="month", keep_days=365, cold_after_days=30),)
    start_window_minutes: Annotated[int, Field(ge=60)] = 60
    """A backup that did not start by then has failed. AWS Backup asks for 60."""
    completion_window_minutes: Annotated[int, Field(ge=120)] = 480
    """A backup that is not complete so long after its time is given up; at least 60 more than `start_window_minutes`."""
    copies: Copies | None = Copies()
    lock: Lock | None = Lock()
    restore_tests: RestoreTests | None = RestoreTests()

    def rules(self, *, copied: bool) -> Iterator[Rule]:
        """What AWS Backup takes of everything; none without `daily_days`. `copied`: whether copies go to another region."""
        if self.daily_days is None:
            return
        copies = self.copies if copied else None
        hours, minutes = self.time.split(":")
        at = f"{int(minutes)} {int(hours)}"
        daily_copy = copies.keep_days if copies is not None and copies.every_hours == DAY_HOURS else None
        yield Rule(DAILY, f"cron({at} * * ? *)", self.daily_days, copy_days=daily_copy)
        if copies is not None and daily_copy is None:
            every = copies.every_hours
            shifted = ",".join(str(hour) for hour in range(int(hours) % every, 24, every))
            least = self.lock.min_days if self.lock else 1
            yield Rule(COPIED, f"cron({int(minutes)} {shifted} * * ? *)", least, copy_days=copies.keep_days)
        for longer in self.longer:
            day = "? * SUN" if longer.every == "week" else "1 * ?"
            yield Rule(
                f"{longer.every}ly", f"cron({at} {day} *)", longer.keep_days, cold_after_days=longer.cold_after_days
            )
