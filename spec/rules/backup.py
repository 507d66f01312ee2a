"""Backups that AWS would refuse, that a vault would refuse, or that could not be restored from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spec.backup import COLD_DAYS, CONTINUOUS, COPIED, LONGER_DAYS, Lock, Longer
from spec.deployment import Deployment
from spec.problem import Finding, Path

MINUTES_PER_DAY: Final = 24 * 60
CLEAR_MINUTES: Final = 60
"""RDS takes no snapshot for AWS Backup in its maintenance or backup window, nor within the hour before (AWS Backup Developer
Guide, creating a backup plan)."""
LEAST_TO_COMPLETE: Final = 60
"""AWS Backup API, BackupRule, CompletionWindowMinutes."""
DAILY: Final = ("backup", "daily_days")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Plans, vaults and their lock, copies, restore tests."""
    yield from _copies(deployment)
    if deployment.backup.daily_days is None:
        yield from _without(deployment)
        return
    yield from _removal(deployment)
    yield from _windows(deployment)
    yield from _longer(deployment.backup.longer)
    if deployment.backup.lock is not None:
        yield from _mode(deployment.backup.lock)
        yield from _kept(deployment, deployment.backup.lock)
    if deployment.backup.restore_tests is not None and deployment.backed_up and deployment.storage.backups is None:
        reason = "restored data is held against a manifest, and there is no bucket to keep it in"
        yield Finding(("backup", "restore_tests"), reason, "Give `storage.backups`, or write `restore_tests: null`")
    if deployment.environment == "prod" and deployment.backed_up:
        for part, what in (("lock", "can be deleted by one call"), ("restore_tests", "were never restored")):
            if getattr(deployment.backup, part) is None:
                yield Finding(("backup", part), f"production's backups {what}", "Leave it out for the default")


def _without(deployment: Deployment) -> Iterator[Finding]:
    """No daily backup: what then cannot be."""
    if deployment.environment == "prod":
        yield Finding(DAILY, "production's data is not backed up outside its own stores", "30")
    if deployment.recovery.strategy == "backup_restore":
        yield Finding(DAILY, "there would be nothing to restore from in the stand-in region", "30", (("recovery",),))


def _copies(deployment: Deployment) -> Iterator[Finding]:
    recovery = deployment.recovery
    if recovery.strategy == "backup_restore" and deployment.backup.copies is None:
        reason = "`recovery.strategy: backup_restore` restores from copies, and none are made"
        yield Finding(("backup", "copies"), reason, "Leave it out for daily copies", (("recovery",),))


def _removal(deployment: Deployment) -> Iterator[Finding]:
    if deployment.protection.on_removal == "destroy":
        reason = "a vault with backups in it cannot be removed, and this environment is to leave nothing behind"
        yield Finding(DAILY, reason, "null, or `protection: {on_removal: keep}`", (("protection",),))


def _windows(deployment: Deployment) -> Iterator[Finding]:
    backup = deployment.backup
    least = backup.start_window_minutes + LEAST_TO_COMPLETE
    if backup.completion_window_minutes < least:
        reason = (
            f"{backup.completion_window_minutes} minutes are not 60 more than the {backup.start_window_minutes} in which a "
            "backup may start"
        )
        yield Finding(("backup", "completion_window_minutes"), reason, f"{least} or more")
    if deployment.database is None:
        return
    start = _minute(backup.time)
    for window, path in (
        (backup.window, ("backup", "window")),
        (deployment.database.maintenance_window, ("database", "maintenance_window")),
    ):
        first, last = (_minute(part[-5:]) for part in window.split("-"))
        length = (last - first) % MINUTES_PER_DAY + CLEAR_MINUTES
        since = (start - (first - CLEAR_MINUTES)) % MINUTES_PER_DAY
        until = (first - CLEAR_MINUTES - start) % MINUTES_PER_DAY
        if since < length or until < backup.start_window_minutes:
            reason = (
                f"{window} and the hour before it meet the daily backup, which starts within "
                f"{backup.start_window_minutes} minutes from {backup.time}; RDS refuses AWS Backup then"
            )
            yield Finding(path, reason, "Move one of the two", (("backup", "time"),))


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _longer(rules: tuple[Longer, ...]) -> Iterator[Finding]:
    for index, rule in enumerate(rules):
        path = ("backup", "longer", index)
        if any(rule.every == other.every for other in rules[:index]):
            yield Finding((*path, "every"), f"there is a rule for every {rule.every} already", "One rule for each")
        if rule.cold_after_days is None:
            continue
        least = max(LONGER_DAYS, rule.cold_after_days + COLD_DAYS)
        if rule.keep_days < least:
            reason = (
                f"{rule.keep_days} days are too few for cold storage after {rule.cold_after_days}: what is moved there stays "
                f"for {COLD_DAYS} days, and only what is kept for {LONGER_DAYS} or more is moved"
            )
            yield Finding((*path, "keep_days"), reason, f"{least} or more, or `cold_after_days: null`")


def _mode(lock: Lock) -> Iterator[Finding]:
    path = ("backup", "lock", "changeable_for_days")
    if lock.mode == "compliance" and lock.changeable_for_days is None:
        yield Finding(path, "a lock that nobody can lift needs days in which it still can be", "3 or more")
    if lock.mode == "governance" and lock.changeable_for_days is not None:
        reason = "with days after which it cannot be changed any more the lock is one of compliance"
        yield Finding(path, reason, "null, or `mode: compliance`")
    if lock.max_days is not None and lock.max_days < lock.min_days:
        reason = f"{lock.max_days} days at the most are fewer than {lock.min_days} at the least"
        yield Finding(("backup", "lock", "max_days"), reason, f"{lock.min_days} or more")


def _kept(deployment: Deployment, lock: Lock) -> Iterator[Finding]:
    """What the vaults would refuse."""
    backup = deployment.backup
    kept: list[tuple[Path, int]] = [
        (("backup", "longer", index, "keep_days"), rule.keep_days) for index, rule in enumerate(backup.longer)
    ]
    for rule in backup.rules(copied=deployment.copies_backups):
        if rule.name == COPIED:
            kept.append((("backup", "lock", "min_days"), rule.keep_days))
        elif rule.name == "daily":
            kept.append((DAILY, rule.keep_days))
        if rule.copy_days is not None:
            kept.append((("backup", "copies", "keep_days"), rule.copy_days))
    if backup.continuous_days is not None and deployment.storage.data is not None:
        kept.append((("backup", f"{CONTINUOUS}_days"), backup.continuous_days))
    for path, days in kept:
        if days < lock.min_days:
            reason = f"{days} days are fewer than the {lock.min_days} that the vault's lock asks for"
            yield Finding(path, reason, f"{lock.min_days} or more", (("backup", "lock"),))
        if lock.max_days is not None and days > lock.max_days:
            reason = f"{days} days are more than the {lock.max_days} that the vault's lock allows"
            yield Finding(path, reason, f"{lock.max_days} or fewer", (("backup", "lock"),))
