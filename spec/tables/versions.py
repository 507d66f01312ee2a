"""Engine versions that can still be created (checked 2026-11-21).

Sources: Amazon RDS release notes for PostgreSQL, release calendar (and cfn-lint rule W3691); Amazon ElastiCache User
Guide, "Supported engines and versions"; Amazon MQ Developer Guide, RabbitMQ version support.
"""

from __future__ import annotations

POSTGRESQL: tuple[str, ...] = ("15.13", "15.14", "15.15", "15.16", "15.17", "15.18", "15.19")
REDIS: tuple[str, ...] = ("7.0", "7.1")
RABBITMQ_BROKERS: dict[str, tuple[str, ...]] = {
    "3.13": ("mq.t3.", "mq.m5.", "mq.m7g."),
    "4.2": ("mq.m7g.",),
}
"""Instance families of each RabbitMQ version."""
