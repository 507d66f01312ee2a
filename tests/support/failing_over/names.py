"""What things are called in the world of failovers, and the numbers of its spec."""

from __future__ import annotations

from typing import Any, Final

HOME, THERE, WITNESS = "us-west-2", "us-east-1", "eu-west-1"
"""The active site's region, the waiting one's, the witness's."""
ACCOUNT: Final = "123456789012"
PREFIX: Final = "shop-prod"
MACHINE: Final = f"arn:aws:states:{THERE}:{ACCOUNT}:stateMachine:{PREFIX}-failover"
TOPIC: Final = f"arn:aws:sns:{THERE}:{ACCOUNT}:alarms"
BUCKET: Final = "records"
DATABASE: Final = f"{PREFIX}-db-2"
FILES: Final = "fs-0000000000000000a"
BEGIN: Final = 1_800_000_000.0
LEASE, BEAT, PROBE, FAILURES = 45.0, 5.0, 20.0, 3
SERVICES: Final = {"web": (4, 8, 2), "api": (2, 2, 1)}
"""Desired, most, least."""
FULL: Final = {name: desired for name, (desired, _, _) in SERVICES.items()}


REPLICA: Final = {
    "identifier": DATABASE,
    "host": "db.internal",
    "port": 5432,
    "administrator": "arn:secret",
    "backup_days": 30,
    "backup_window": "00:00-01:00",
}


def plan(*, witness: bool, approval: bool, database: bool, files: bool) -> dict[str, Any]:
    """As the template writes it into the parameter."""
    return {
        "approval": approval,
        "watching": {
            "probe_seconds": PROBE,
            "probe_failures": FAILURES,
            "heartbeat_seconds": BEAT,
            "lease_seconds": LEASE,
            "witness": witness,
        },
        "rto_seconds": 900,
        "rpo_seconds": 300,
        "database": REPLICA if database else None,
        "files": {"file_system": FILES, "patience_seconds": 300} if files else None,
        "services": [
            {"name": name, "desired": desired, "maximum": most, "least": least, "scales": True}
            for name, (desired, most, least) in SERVICES.items()
        ],
        "domain": "shop.example.com",
        "smoke_tests": [{"name": "front", "path": "/", "response_ms": 1000}],
    }


def variables(*, witness: bool) -> dict[str, str]:
    """Of the functions."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": THERE,
        "AWS_DEFAULT_REGION": THERE,
        "APPLICATION": "shop",
        "ENVIRONMENT": "prod",
        "PREFIX": PREFIX,
        "PEER_REGION": HOME,
        "WITNESS_REGION": WITNESS if witness else "",
        "TOPIC_ARN": TOPIC,
        "RECORDS_BUCKET": BUCKET,
        "KEY_VALUE_STORE_ARN": f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/1",
    }
