"""What an environment is like when its YAML says nothing else.

A preset lies beneath the application's base, which lies beneath the environment's overlay. The models' own defaults
are those of production.
"""

from __future__ import annotations

from typing import Any

from spec.environment import EnvironmentName

EACH = "*"
"""Stands for every entry of a map."""

_SMALL: dict[str, Any] = {
    "network": {"nat_gateways": 1, "interface_endpoints": [], "flow_log_retention_days": 30},
    "services": {EACH: {"replicas": 1, "release": {"engine": "ecs", "strategy": "rolling"}}},
    "database": {
        "instance_class": "db.t4g.small",
        "storage_gib": 20,
        "max_storage_gib": 100,
        "multi_az": False,
        "read_replicas": 0,
    },
    "cache": {"node_type": "cache.t4g.micro", "shards": 1, "replicas_per_shard": 0},
    "queue": {"instance_type": "mq.m7g.medium", "deployment": "single"},
    "monitoring": {"log_retention_days": 30},
    "backup": {
        "retention_days": 7,
        "daily_days": 7,
        "continuous_days": None,
        "longer": [],
        "lock": None,
        "restore_tests": None,
    },
    "objectives": {"uptime": None, "rto_minutes": 120},
}

PRESETS: dict[EnvironmentName, dict[str, Any]] = {
    "dev": {
        **_SMALL,
        "monitoring": {"log_retention_days": 30, "log_level": "debug", "container_insights": "enabled"},
        "protection": {"deletion_protection": False},
    },
    "staging": {
        "services": {EACH: {"release": {"strategy": "blue_green"}}},
        "network": {"nat_gateways": 1},
        "monitoring": {"log_retention_days": 90},
        "backup": {
            "retention_days": 14,
            "daily_days": 14,
            "continuous_days": 14,
            "longer": [],
            "restore_tests": {"weekday": None, "newest_hours": None},
        },
    },
    "prod": {},
    "preview": {
        **_SMALL,
        "protection": {"deletion_protection": False, "on_removal": "destroy"},
        # A vault cannot go while there is a backup in it, and a preview goes as a whole.
        "backup": {"retention_days": 1, "daily_days": None},
        # A drill restores a copy of a backup, and none is made.
        "recovery": {"drill_days": None},
    },
}
