"""The plan of a service's releases: everything that functions need to know, as JSON in a parameter."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from spec import Deployment
from spec.release import HOOKS
from spec.release_times import (
    METRIC_DELAY_SECONDS,
    METRIC_PERIOD_SECONDS,
    hook_limit_seconds,
    install_limit_seconds,
    total_limit_seconds,
    window_seconds,
)
from spec.services import Service as ServiceSpec
from understudy.load_balancer import TEST_PORT
from understudy.service import Service
from understudy.service_alarms import least_tasks
from understudy.service_environment import Backends, readable_secrets

HTTPS: Final = 443


def release_plan(deployment: Deployment, service: Service, backends: Backends) -> dict[str, Any]:
    """As `lambdas/shared/plan.py` reads it.

    Nothing in it comes from the ECS service, whose first deployment needs the plan already. Target groups are empty for a
    service that nobody calls: nothing examines its releases, but somebody watches them.
    """
    spec = service.spec
    release = spec.release
    balancer, blue, green = service.load_balancer, service.target_group, service.alternate_target_group
    broken = deployment.break_glass.get(service.name)
    return {
        "service": service.name,
        "engine": release.engine,
        "strategy": release.strategy,
        "active_region": deployment.active_region,
        "cluster": service.cluster_name,
        "ecs_service": service.service_name,
        "container": service.name,
        "load_balancer": balancer.full_name,
        "blue": blue.target_group_full_name if blue else "",
        "green": green.target_group_full_name if green else None,
        "blue_arn": blue.target_group_arn if blue else "",
        "green_arn": green.target_group_arn if green else None,
        "test": {
            "host": balancer.alb.load_balancer_dns_name,
            "port": TEST_PORT,
            "server_name": deployment.edge.domain if spec.public else f"{service.name}.{deployment.internal_domain}",
        },
        "dependencies": _dependencies(spec, backends),
        "secrets": [secret.secret_arn for secret in readable_secrets(deployment, service.name, backends)],
        "migration": _migration(service),
        "smoke_tests": smoke_tests(deployment, spec),
        "load": release.load.model_dump() if release.load else None,
        "comparison": release.comparison.model_dump(),
        "limits": {
            "error_rate": deployment.objectives.error_rate,
            "response_ms": deployment.objectives.response_ms,
        },
        "alarms": list(service.release_alarm_names),
        "freezes": [freeze.model_dump() for freeze in deployment.freezes],
        "break_glass": broken.model_dump() if broken else None,
        "timeouts_seconds": {
            **{hook: hook_limit_seconds(spec, hook) for hook in HOOKS},
            "install": install_limit_seconds(spec),
            "total": total_limit_seconds(spec),
        },
        "desired_tasks": least_tasks(spec) if deployment.released(service.name) else 0,
        "window_seconds": window_seconds(release),
        "metric_period_seconds": METRIC_PERIOD_SECONDS,
        "metric_delay_seconds": METRIC_DELAY_SECONDS,
    }


def _dependencies(spec: ServiceSpec, backends: Backends) -> list[dict[str, Any]]:
    """Stores that the service talks to, then endpoints outside."""
    found: list[dict[str, Any]] = []
    for name, kind, store in (
        ("database", "postgresql", backends.database),
        ("cache", "redis", backends.cache),
        ("queue", "amqp", backends.queue),
    ):
        if store is not None and name in spec.dependencies:
            found.append({"name": name, "kind": kind, "host": store.host, "port": store.port})
    for endpoint in spec.release.endpoints:
        url = urlsplit(endpoint.url)
        path = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
        found.append(
            {"name": endpoint.name, "kind": "https", "host": url.hostname, "port": url.port or HTTPS, "path": path}
        )
    return found


def _migration(service: Service) -> dict[str, Any] | None:
    migration = service.spec.migration
    if migration is None:
        return None
    return {
        "command": list(migration.command),
        "timeout_seconds": migration.timeout_seconds,
        "way_back": migration.way_back.kind,
        "back_command": list(migration.way_back.command),
        "because": migration.way_back.because,
        "subnets": list(service.subnet_ids),
        "security_groups": [service.security_group.security_group_id],
    }


def smoke_tests(deployment: Deployment, spec: ServiceSpec) -> list[dict[str, Any]]:
    """Those of the spec, or one that asks the readiness check's path."""
    limit = deployment.objectives.response_ms or 1000 * spec.release.hooks.test_traffic_seconds
    if not spec.release.smoke_tests:
        ready = spec.health.readiness
        status = int(ready.expected_status[:3])
        return [{"name": "readiness", "path": ready.path, "method": "GET", "status": status, "response_ms": limit}]
    return [{**test.model_dump(), "response_ms": test.response_ms or limit} for test in spec.release.smoke_tests]
