"""What things are called in the world of drills, and the numbers of its spec."""

from __future__ import annotations

from typing import Any, Final

from failing_over.names import ACCOUNT, PREFIX, THERE

MACHINE: Final = f"arn:aws:states:{THERE}:{ACCOUNT}:stateMachine:{PREFIX}-drill"
SOURCE: Final = f"{PREFIX}-db"
COPY: Final = f"{PREFIX}-drill"
REPLICA: Final = f"{PREFIX}-drill-replica"
LOGIN: Final = f"arn:aws:secretsmanager:{THERE}:{ACCOUNT}:secret:drill-1"
TERMS: Final = {
    "probes": 60.0,
    "alarm": 60.0,
    "lease": 50.0,
    "lag gate": 10.0,
    "promotion": 300.0,
    "opening": 5.0,
    "start of tasks": 40.0,
    "health checks": 20.0,
    "switch": 35.0,
    "verification": 15.0,
}
UNMEASURED: Final = ("probes", "alarm", "lease", "switch")
"""What no copy can tell."""


def drill_plan(*, days: int | None = 30) -> dict[str, Any]:
    """As the template writes it into the parameter."""
    return {
        "days": days,
        "source": SOURCE,
        "copy": COPY,
        "replica": REPLICA,
        "name": "shop",
        "user": "application",
        "instance_class": "db.m7g.xlarge",
        "subnet_group": "isolated",
        "parameter_group": "tls",
        "security_group": "sg-drilled",
        "secrets_key_arn": f"arn:aws:kms:{THERE}:{ACCOUNT}:key/secrets",
        "secret_arn": LOGIN,
        "backup_days": 30,
        "backup_window": "00:00-01:00",
        "subnets": ["subnet-1"],
        "task_security_group": "sg-drill",
        "services": [
            {
                "name": "web",
                "family": f"{PREFIX}-drill-web",
                "port": 3000,
                "smoke_tests": [{"name": "front", "path": "/", "response_ms": 1000}],
            },
            {"name": "api", "family": f"{PREFIX}-drill-api", "port": 4000, "unasked": "users do not reach it"},
        ],
        "terms": [{"what": what, "seconds": seconds} for what, seconds in TERMS.items()],
    }
