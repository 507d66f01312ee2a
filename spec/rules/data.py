"""Engines, sizes and windows that AWS would refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from spec.data import Database, Queue
from spec.deployment import Deployment
from spec.environment import Encryption
from spec.problem import Finding, Path
from spec.tables import instances, versions

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY: Final = 24 * 60
LEAST_BACKUP_MINUTES: Final = 60
"""ElastiCache's least snapshot window (API, CreateReplicationGroup, SnapshotWindow); RDS asks for 30."""
KEY_ROTATION_DAYS: Final = (90, 2560)
"""AWS KMS API, EnableKeyRotation, RotationPeriodInDays."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Database, cache, queue, keys."""
    yield from _encryption(deployment.encryption)
    if deployment.database is not None:
        yield from _database(deployment.database)
    if deployment.cache is not None:
        path = ("cache", "engine_version")
        yield from _version(deployment.cache.engine_version, versions.REDIS, path, "Redis OSS")
        yield from _size(deployment.cache.node_type, instances.CACHE, ("cache", "node_type"))
    if deployment.queue is not None:
        yield from _queue(deployment.queue)
    yield from _buckets(deployment)
    yield from _windows(deployment)


def _buckets(deployment: Deployment) -> Iterator[Finding]:
    for name in ("assets", "data", "logs", "backups"):
        bucket = getattr(deployment.storage, name)
        moved = bucket.infrequent_access_after_days if bucket else None
        if moved is not None and bucket.expire_after_days is not None and bucket.expire_after_days <= moved:
            reason = f"objects are deleted after {bucket.expire_after_days} days, before they would move after {moved}"
            path = ("storage", name, "expire_after_days")
            remedy = f"{moved + 1} or more, or `infrequent_access_after_days: null`"
            yield Finding(path, reason, remedy, (("storage", name),))


def _encryption(encryption: Encryption) -> Iterator[Finding]:
    least, most = KEY_ROTATION_DAYS
    if not least <= encryption.key_rotation_days <= most:
        reason = f"KMS renews a key every {least} to {most} days, not every {encryption.key_rotation_days}"
        remedy = f"Write {least} for the shortest; what must change every 30 days is a secret, not a key"
        yield Finding(("encryption", "key_rotation_days"), reason, remedy)


def _database(database: Database) -> Iterator[Finding]:
    yield from _version(database.engine_version, versions.POSTGRESQL, ("database", "engine_version"), "PostgreSQL")
    yield from _size(database.instance_class, instances.DATABASE, ("database", "instance_class"))
    if database.max_storage_gib <= database.storage_gib:
        reason = f"{database.max_storage_gib} GiB leaves {database.storage_gib} GiB no room to grow"
        least = -(
            -database.storage_gib * 11 // 10
        )  # RDS asks for at least 10 % more (RDS User Guide, storage autoscaling)
        yield Finding(("database", "max_storage_gib"), reason, f"{least} or more", (("database", "storage_gib"),))


def _queue(queue: Queue) -> Iterator[Finding]:
    path = ("queue", "instance_type")
    families = versions.RABBITMQ_BROKERS[queue.engine_version]
    if queue.instance_type not in instances.BROKER:
        yield from _size(queue.instance_type, instances.BROKER, path)
    elif not queue.instance_type.startswith(families):
        fitting = ", ".join(name for name in instances.BROKER if name.startswith(families))
        reason = f"RabbitMQ {queue.engine_version} does not run on {queue.instance_type}"
        yield Finding(path, reason, f"One of {fitting}", (("queue", "engine_version"),))
    elif queue.deployment == "cluster" and queue.instance_type in instances.SINGLE_ONLY_BROKERS:
        reason = f"{queue.instance_type} cannot form a cluster"
        yield Finding(path, reason, "mq.m7g.medium or larger, or `deployment: single`", (("queue", "deployment"),))


def _version(version: str, offered: tuple[str, ...], path: Path, engine: str) -> Iterator[Finding]:
    if version not in offered:
        yield Finding(path, f"{engine} {version} cannot be created", f"One of {', '.join(offered)}; newest is best")


def _size(name: str, table: Mapping[str, instances.Size], path: Path) -> Iterator[Finding]:
    if name not in table:
        yield Finding(path, f"{name!r} is not a size known here", f"One of {', '.join(table)}")


def _windows(deployment: Deployment) -> Iterator[Finding]:
    start, end = (_minute(part) for part in deployment.backup.window.split("-"))
    length = (end - start) % MINUTES_PER_DAY
    if length < LEAST_BACKUP_MINUTES:
        reason = f"{deployment.backup.window} has {length} minutes; AWS asks for {LEAST_BACKUP_MINUTES}"
        yield Finding(("backup", "window"), reason, 'For example: "00:00-01:00"')
    for section in ("database", "cache"):
        part = getattr(deployment, section)
        if part is not None and _meets_daily(part.maintenance_window, start, length):
            reason = (
                f"{part.maintenance_window} overlaps the daily backup at {deployment.backup.window}; AWS refuses that"
            )
            yield Finding((section, "maintenance_window"), reason, "Move one of the two", (("backup", "window"),))


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _meets_daily(weekly: str, start: int, length: int) -> bool:
    """Whether a weekly window shares a minute with a daily one."""
    first, last = ((DAYS.index(part[:3]) * MINUTES_PER_DAY + _minute(part[4:])) for part in weekly.split("-"))
    duration = (last - first) % (7 * MINUTES_PER_DAY)
    return (start - first) % MINUTES_PER_DAY < duration or (first - start) % MINUTES_PER_DAY < length
