"""What is watched about the database and its replicas."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct

from spec.data import Database as DatabaseSpec
from spec.monitoring import Alarms
from spec.tables.instances import DATABASE, Size
from understudy.alarm import Alarm
from understudy.database import Database
from understudy.metric import Metric

GIB: Final = 1024**3
BYTES_PER_GBIT: Final = 1e9 / 8

LAG_SECONDS: Final = 600
"""RDS computes a replica's lag from the last transaction it has replayed, so without writes it climbs to five minutes
by itself (RDS User Guide, monitoring replication lag)."""


def database_alarms(database: Database, settings: DatabaseSpec, limits: Alarms, slow_queries: Metric) -> list[Alarm]:
    """Of the primary and of each replica."""
    alarms = [_slow(settings, limits, slow_queries)]
    alarms += _instance("database", database.identifier, settings, limits)
    for number, identifier in enumerate(database.replica_identifiers, start=1):
        alarms += _instance(f"database-replica-{number}", identifier, settings, limits)
        alarms.append(_lag(number, identifier, limits))
    return alarms


def slow_query_metric(scope: Construct, construct_id: str, *, prefix: str, identifier: str) -> Metric:
    """Statements of the primary that took longer than `database.slow_query_ms`, by what PostgreSQL logs of them."""
    metric = Metric(f"Understudy/{prefix}", "SlowQueries", {}, "Sum")
    logs.CfnMetricFilter(
        scope,
        construct_id,
        log_group_name=f"/aws/rds/instance/{identifier}/postgresql",
        filter_pattern='"LOG:" "duration:"',
        metric_transformations=[
            logs.CfnMetricFilter.MetricTransformationProperty(
                metric_namespace=metric.namespace, metric_name=metric.name, metric_value="1", unit="Count"
            )
        ],
    )
    return metric


def _slow(settings: DatabaseSpec, limits: Alarms, metric: Metric) -> Alarm:
    return Alarm(
        subject="database",
        what="slow-queries",
        severity="warning",
        meaning=f"In each of {limits.minutes} minutes some statement took longer than {settings.slow_query_ms} ms.",
        look_first="the postgresql log of the primary: it has each of them; then Database Insights for what they wait on.",
        comparison="above",
        threshold=0,
        value=metric,
        periods=limits.minutes,
    )


def _instance(subject: str, identifier: str, settings: DatabaseSpec, limits: Alarms) -> list[Alarm]:
    size = DATABASE.get(settings.instance_class)

    def metric(name: str, statistic: str = "Average") -> Metric:
        return Metric("AWS/RDS", name, {"DBInstanceIdentifier": identifier}, statistic)

    alarms = [
        Alarm(
            subject=subject,
            what="cpu",
            severity="critical",
            meaning=f"The {subject} uses more than {limits.cpu_percent:g} % of its CPU.",
            look_first="the statements with the highest load in Database Insights.",
            comparison="above",
            threshold=limits.cpu_percent,
            value=metric("CPUUtilization"),
            periods=limits.minutes,
        ),
        Alarm(
            subject=subject,
            what="connections",
            severity="warning",
            meaning=f"More than {limits.database_connections} connections to the {subject}.",
            look_first="which service opens them: its number of tasks times its pool's size.",
            comparison="above",
            threshold=limits.database_connections,
            value=metric("DatabaseConnections"),
            periods=limits.minutes,
        ),
        Alarm(
            subject=subject,
            what="disk",
            severity="warning",
            meaning=f"More than {limits.disk_percent:g} % of {settings.storage_gib} GiB are used. Storage grows by itself "
            f"up to {settings.max_storage_gib} GiB, after which this counts from the first size still.",
            look_first="what grew: tables, or logs that a replica or slot has not fetched.",
            comparison="below",
            threshold=settings.storage_gib * GIB * (100 - limits.disk_percent) / 100,
            value=metric("FreeStorageSpace"),
            periods=limits.minutes,
        ),
        Alarm(
            subject=subject,
            what="down",
            severity="critical",
            meaning=f"The {subject} has not reported for {limits.down_minutes} min: it is down, or failing over.",
            look_first="the instance's RDS events; a Multi-AZ failover ends within two minutes.",
            comparison="below",
            threshold=1,
            value=metric("CPUUtilization", "SampleCount"),
            periods=limits.down_minutes,
            missing="breaching",
        ),
    ]
    if size is not None:
        alarms.append(_memory(subject, size, limits, metric("FreeableMemory")))
        received, sent = metric("NetworkReceiveThroughput"), metric("NetworkTransmitThroughput")
        alarms.append(_network(subject, size, limits, received, sent))
    return alarms


def _memory(subject: str, size: Size, limits: Alarms, freeable: Metric) -> Alarm:
    return Alarm(
        subject=subject,
        what="memory",
        severity="critical",
        meaning=f"The {subject} uses more than {limits.memory_percent:g} % of its {size.memory_gib:g} GiB of memory, "
        "what can be freed not counted.",
        look_first="connections, each of which takes memory; then sorts and hashes in Database Insights.",
        comparison="below",
        threshold=size.memory_gib * GIB * (100 - limits.memory_percent) / 100,
        value=freeable,
        periods=limits.minutes,
    )


def _network(subject: str, size: Size, limits: Alarms, received: Metric, sent: Metric) -> Alarm:
    """The bandwidth holds in each direction, so the busier one counts."""
    return Alarm(
        subject=subject,
        what="network",
        severity="warning",
        meaning=f"The {subject} sends or receives more than {limits.network_percent:g} % of the {size.baseline_gbps:g} "
        "Gbit/s that its instance has all the time.",
        look_first="which service reads so much: large results, missing limits.",
        comparison="above",
        threshold=size.baseline_gbps * BYTES_PER_GBIT * limits.network_percent / 100,
        value="MAX([received, sent])",
        metrics={"received": received, "sent": sent},
        periods=limits.minutes,
    )


def _lag(number: int, identifier: str, limits: Alarms) -> Alarm:
    return Alarm(
        subject=f"database-replica-{number}",
        what="lag",
        severity="warning",
        meaning=f"Replica {number} is more than {LAG_SECONDS} s behind the primary.",
        look_first="long transactions and the replica's CPU; then the rate of writes.",
        comparison="above",
        threshold=LAG_SECONDS,
        value=Metric("AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": identifier}, "Maximum"),
        periods=limits.minutes,
    )
