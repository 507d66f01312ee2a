"""How long each part of a failover takes or may take, and how old each kind of copy may be: the figures behind objectives,
time-outs and alarms.

Where AWS publishes a figure, its page stands beside it. Where it publishes none, the figure is assumed, and a
planned change of regions measures it (docs/recovery.md, "What it promises").
"""

from __future__ import annotations

from typing import Final

from spec.recovery import Recovery

ALARM_SECONDS: Final = 60
"""From the last failed probe to the alarm's action: an alarm looks again once a minute (CloudWatch User Guide, alarm
evaluation)."""

CLOCK_MARGIN_SECONDS: Final = 5
"""What is added to the lease: the two regions' clocks differ, and a renewal takes a moment. Amazon Time Sync keeps clocks within
milliseconds (EC2 User Guide); the rest is for a request that was slow."""

GATE_SECONDS: Final = 10
"""One look at the replica: what it has received is replayed, and its last heartbeat read."""

PROPAGATION_SECONDS: Final = 35
"""Until every edge location reads a new value of a key-value store. AWS says that no deployment is needed and promises no
figure (CloudFront Developer Guide, CloudFront KeyValueStore). Those who measured it, each at one edge location, saw 21
to 32 seconds (decision 18)."""

WARM_UP_MINUTES: Final = 1.0
"""While the cache is empty the database answers what it would have answered: nobody but the application knows how long."""

FARGATE_BURST: Final = 100
FARGATE_PER_SECOND: Final = 20
"""Tasks that an account starts at once, and then each second, in a region (ECS Developer Guide, Fargate throttling quotas)."""

OBJECTS_MINUTES: Final = 15.0
"""S3 User Guide, Replication Time Control: 99.99 % of new objects within 15 minutes."""

FILES_MINUTES: Final = 15.0
"""EFS User Guide, replication: a recovery point of 15 minutes for most file systems."""

BEATS: Final = 4
"""So many heartbeats fit a lease at least, and the window of the probes: one that is late, or one request that fails, says
nothing."""


def window_seconds(recovery: Recovery) -> int:
    """How long the active region's application has to fail before it counts as lost: every probe of the window."""
    return recovery.probe_seconds * recovery.probe_failures


def enough_beats(recovery: Recovery) -> bool:
    """Whether lease and window have room for so many heartbeats."""
    return min(recovery.lease_seconds, window_seconds(recovery)) >= BEATS * recovery.heartbeat_seconds


def run_out_seconds(recovery: Recovery) -> int:
    """How long the stand-in waits at most until the active region's lease has run out for certain."""
    return recovery.lease_seconds + CLOCK_MARGIN_SECONDS


def launch_seconds(tasks: int) -> float:
    """Until Fargate has begun to start so many tasks."""
    return max(0, tasks - FARGATE_BURST) / FARGATE_PER_SECOND
