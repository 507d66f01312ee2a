"""The plan of a release as synthesis writes it, and the names in it."""

from __future__ import annotations

from typing import Any, Literal

ACCOUNT, REGION = "123456789012", "us-west-2"
PREFIX, SERVICE, TABLE = "shop-prod", "web", "ledger"

Engine = Literal["codedeploy", "ecs"]


def default_plan(engine: Engine, groups: dict[str, str], subnet: str, port: int) -> dict[str, Any]:
    """A canary in the active region with a migration, as synthesis writes it."""
    return {
        "service": SERVICE,
        "engine": engine,
        "strategy": "canary",
        "active_region": REGION,
        "cluster": PREFIX,
        "ecs_service": SERVICE,
        "container": SERVICE,
        "load_balancer": "app/shop/50dc6c495c0c9188",
        **{name: arn.rsplit(":", 1)[-1] for name, arn in groups.items()},
        **{f"{name}_arn": arn for name, arn in groups.items()},
        "test": {"host": "localhost", "port": port, "server_name": "shop.example.com"},
        "dependencies": [],
        "secrets": [],
        "migration": {
            "command": ["migrate", "up"],
            "timeout_seconds": 60,
            "way_back": "compatible",
            "back_command": [],
            "because": None,
            "subnets": [subnet],
            "security_groups": [],
        },
        "smoke_tests": [
            {
                "name": "ready",
                "path": "/ready",
                "method": "GET",
                "request_headers": {},
                "request_body": None,
                "status": 200,
                "body_contains": "well",
                "headers": {},
                "response_ms": 1000,
            }
        ],
        "load": {"path": "/", "requests_per_second": 50, "seconds": 0.4},
        "comparison": {
            "confidence_percent": 99.0,
            "more_errors_percent": 0.1,
            "slower_percent": 25.0,
            "least_requests": 200,
            "too_little_data": "synthetic",
            "synthetic_requests": 100,
        },
        "limits": {"error_rate": 0.001, "response_ms": 1000},
        "alarms": [],
        "freezes": [],
        "break_glass": None,
        "timeouts_seconds": {
            "before_install": 75,
            "after_install": 10,
            "test_traffic": 20,
            "before_traffic": 5,
            "after_traffic": 20,
            "install": 120,
            "total": 600,
        },
        "desired_tasks": 2,
        "window_seconds": 120,
        "metric_period_seconds": 60,
        "metric_delay_seconds": 60,
    }
