"""Where the application keeps what must not be lost: database, cache, queue, buckets, files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spec.model import DomainName, Model, Port, WeeklyWindow

Days = Annotated[int, Field(ge=1)]


class Database(Model):
    """PostgreSQL on Amazon RDS: encrypted, TLS forced, private."""

    engine_version: str = "15.19"
    """Exact version, in quotes."""
    instance_class: str = "db.m7g.xlarge"
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = "app"
    """Name of the database that is created first."""
    port: Port = 5432
    alias: DomainName | None = None
    """A CNAME of the database's endpoint that you keep in DNS, for clients beside the services. It stands in the secret, and
    rotation makes sure that it leads there; no certificate of RDS names it, so verify against the endpoint's own name."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)] = 100
    max_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 500
    """Storage grows by itself up to here."""
    multi_az: bool = True
    """A synchronous standby in another zone."""
    read_replicas: Annotated[int, Field(ge=0, le=15)] = 1
    """Asynchronous replicas in the same region. RDS allows 15."""
    slow_query_ms: Annotated[int, Field(ge=1)] = 1000
    """Statements that take longer are logged, and raise an alarm when they go on for `monitoring.alarms.minutes`."""
    maintenance_window: WeeklyWindow = "sun:02:00-sun:03:00"


class Cache(Model):
    """Redis OSS on Amazon ElastiCache in cluster mode: encrypted, TLS only, with access-control users."""

    engine_version: str = "7.1"
    node_type: str = "cache.m7g.large"
    shards: Annotated[int, Field(ge=1, le=500)] = 3
    replicas_per_shard: Annotated[int, Field(ge=0, le=5)] = 1
    """Replicas of each shard, in other zones; with none, a lost node loses its keys."""
    port: Port = 6379
    maintenance_window: WeeklyWindow = "sun:03:00-sun:04:00"


class Queue(Model):
    """RabbitMQ on Amazon MQ: private, encrypted, AMQP over TLS."""

    engine_version: Literal["3.13", "4.2"] = "4.2"
    instance_type: str = "mq.m7g.large"
    deployment: Literal["cluster", "single"] = "cluster"
    """`cluster`: three brokers over three zones."""
    maintenance_day: Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] = "SUNDAY"
    maintenance_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "04:00"
    """Start of the weekly window in UTC, in quotes."""


class Bucket(Model):
    """A bucket: encrypted, versioned, private, TLS only."""

    infrequent_access_after_days: Annotated[int, Field(ge=30)] | None = None
    """Move objects to cheaper storage. S3 asks for at least 30 days."""
    expire_after_days: Days | None = None
    """Delete objects. null: keep them."""
    keep_old_versions_days: Days = 30
    """How long a replaced or deleted object can still be had back."""


class DataBucket(Bucket):
    """What the application stores: cheaper after a quarter of a year, kept."""

    infrequent_access_after_days: Annotated[int, Field(ge=30)] | None = 90


class RecordBucket(Bucket):
    """Records: cheaper after a month, gone after a year."""

    infrequent_access_after_days: Annotated[int, Field(ge=30)] | None = 30
    expire_after_days: Days | None = 365


class FileSystem(Model):
    """A shared file system (EFS): encrypted, mounted with TLS and IAM authorization."""

    mount_path: Annotated[str, Field(pattern=r"^/[a-z0-9/_-]+$")] = "/mnt/files"
    infrequent_access_after_days: Literal[1, 7, 14, 30, 60, 90, 180, 270, 365] = 30


class Storage(Model):
    """Buckets by purpose, and a shared file system."""

    assets: Bucket | None = Bucket()
    """Static files that the CDN serves. Only with `edge.entry: cdn`."""
    data: DataBucket | None = DataBucket()
    """What the application stores. Services with the dependency `data` read and write it."""
    logs: RecordBucket = RecordBucket()
    """Access logs of load balancer, CDN and buckets."""
    backups: RecordBucket | None = RecordBucket()
    """Exports and dumps."""
    files: FileSystem | None = None
