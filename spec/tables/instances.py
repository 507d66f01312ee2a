"""Sizes of database, cache and broker instances.

Sources: Amazon RDS User Guide, "Hardware specifications for DB instance classes"; Amazon ElastiCache User Guide,
"Supported node types" and "Network-related limits"; Amazon MQ Developer Guide, "Broker instance types", RabbitMQ. The
network figure is the bandwidth the size has all the time, not its burst (Amazon EC2 User Guide, instance network
bandwidth).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """vCPUs, memory in GiB, and sustained bandwidth in Gbit/s."""

    vcpu: int
    memory_gib: float
    baseline_gbps: float


DATABASE: dict[str, Size] = {
    "db.t4g.micro": Size(2, 1, 0.064),
    "db.t4g.small": Size(2, 2, 0.128),
    "db.t4g.medium": Size(2, 4, 0.256),
    "db.t4g.large": Size(2, 8, 0.512),
    "db.t4g.xlarge": Size(4, 16, 1.024),
    "db.m7g.large": Size(2, 8, 0.937),
    "db.m7g.xlarge": Size(4, 16, 1.876),
    "db.m7g.2xlarge": Size(8, 32, 3.75),
    "db.m7g.4xlarge": Size(16, 64, 7.5),
    "db.m7g.8xlarge": Size(32, 128, 15),
    "db.r7g.large": Size(2, 16, 0.937),
    "db.r7g.xlarge": Size(4, 32, 1.876),
    "db.r7g.2xlarge": Size(8, 64, 3.75),
    "db.r7g.4xlarge": Size(16, 128, 7.5),
    "db.r7g.8xlarge": Size(32, 256, 15),
}

CACHE: dict[str, Size] = {
    "cache.t4g.micro": Size(2, 0.5, 0.064),
    "cache.t4g.small": Size(2, 1.37, 0.128),
    "cache.t4g.medium": Size(2, 3.09, 0.256),
    "cache.m7g.large": Size(2, 6.38, 0.937),
    "cache.m7g.xlarge": Size(4, 12.93, 1.876),
    "cache.m7g.2xlarge": Size(8, 26.04, 3.75),
    "cache.r7g.large": Size(2, 13.07, 0.937),
    "cache.r7g.xlarge": Size(4, 26.32, 1.876),
    "cache.r7g.2xlarge": Size(8, 52.82, 3.75),
}

BROKER: dict[str, Size] = {
    "mq.t3.micro": Size(2, 1, 0.064),
    "mq.m5.large": Size(2, 8, 0.75),
    "mq.m5.xlarge": Size(4, 16, 1.25),
    "mq.m7g.medium": Size(1, 4, 0.52),
    "mq.m7g.large": Size(2, 8, 0.937),
    "mq.m7g.xlarge": Size(4, 16, 1.876),
    "mq.m7g.2xlarge": Size(8, 32, 3.75),
}

SINGLE_ONLY_BROKERS = frozenset({"mq.t3.micro"})
"""Sizes that cannot form a cluster."""
