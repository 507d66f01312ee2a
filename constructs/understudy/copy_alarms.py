"""Alarms of the waiting site on how far what is copied to it is behind; they live where they are needed when the other is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_s3 as s3

from spec.recovery import Recovery
from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.region_guard_alarms import NAMESPACE

RUNBOOK: Final = "docs/runbooks/mend-a-copy.md"
MINUTE: Final = 60
LATENCY: Final = 'SELECT MAX(ReplicationLatency) FROM SCHEMA("AWS/S3", DestinationBucket, RuleId, SourceBucket)'
LAG_MINUTES: Final = 2
"""The replica is asked once a minute at the least (spec: `recovery.probe_seconds`), and one minute may pass without a look."""


def database_late(prefix: str, recovery: Recovery) -> Alarm:
    """By the heartbeat that the replica has, not by RDS's ReplicaLag, which climbs to five minutes while nobody writes and for
    ever once the source is gone (RDS User Guide, monitoring replication lag).

    The newest heartbeat is as old as the pause between two, beside the lag. Nobody who could say how old it is, is as bad.
    """
    return Alarm(
        subject="database-copy",
        what="late",
        severity="warning",
        meaning=f"The waiting region's database is more than {recovery.lag_seconds} s behind, or does not answer: a failover "
        "now might lose more than the recovery point allows, and would ask first.",
        look_first=f"whether the active region still writes its heartbeat, then the replica's CPU and disk; {RUNBOOK}.",
        comparison="above",
        threshold=recovery.lag_seconds + recovery.heartbeat_seconds,
        value=Metric(NAMESPACE, "HeartbeatAgeSeconds", {"Environment": prefix}, "Minimum"),
        period_seconds=MINUTE,
        periods=LAG_MINUTES,
        missing="breaching",
    )


def objects_late(buckets: Mapping[str, s3.IBucket], minutes: float) -> list[Alarm]:
    """Of the buckets that objects are copied to, by what they are called.

    S3 tells in the destination's region alone how far a copy is behind (S3 User Guide, Using S3 Replication metrics), with the
    name of the source, which no template here may know. A query finds the numbers by the destination's name.
    """
    return [
        Alarm(
            subject=f"objects-{name}",
            what="late",
            severity="warning",
            meaning=f"The copy of the bucket {name} in this region is more than {minutes:g} minutes behind.",
            look_first=f"how much is written at once, and whether S3 in one of the regions has an issue; {RUNBOOK}.",
            comparison="above",
            threshold=MINUTE * minutes,
            value=f"{LATENCY} WHERE DestinationBucket = '{bucket.bucket_name}'",
            period_seconds=5 * MINUTE,
            periods=1,
        )
        for name, bucket in buckets.items()
    ]
