"""What the functions of a failover have to know, as their parameter holds it (lambdas/failover/models.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Final

from spec import Deployment
from spec.services import Service
from understudy.database import Database
from understudy.file_system import FileSystem
from understudy.release_plan import smoke_tests

LEAST_SHARE: Final = 0.5
"""Of a service's tasks, with which it can do for a while where capacity is missing: at least one."""
READING: Final = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, safe methods)."""


def parameter_name(prefix: str) -> str:
    """`/<prefix>/failover`."""
    return f"/{prefix}/failover"


def failover_plan(
    site: Deployment, active: Mapping[str, Service], database: Database | None, files: FileSystem | None
) -> dict[str, Any]:
    """Of `site`. `active`: the services with the active site's numbers, since a waiting site's own are smaller."""
    recovery, rto, rpo = site.recovery, site.objectives.rto_minutes, site.objectives.rpo_minutes
    return {
        "approval": recovery.failover == "approval",
        "watching": {
            "probe_seconds": recovery.probe_seconds,
            "probe_failures": recovery.probe_failures,
            "heartbeat_seconds": recovery.heartbeat_seconds,
            "lease_seconds": recovery.lease_seconds,
            "witness": recovery.witness_region is not None,
        },
        "rto_seconds": rto and 60 * rto,
        "rpo_seconds": rpo and 60 * rpo,
        "database": None if database is None else _database(site, database),
        "files": None if files is None else _files(site, files),
        "services": [_service(name, each) for name, each in active.items() if site.released(name)],
        "domain": site.edge.domain,
        "expected_status": _entry(active).health.readiness.expected_status,
        "smoke_tests": list(_smoke_tests(site, active)),
    }


def _database(site: Deployment, database: Database) -> dict[str, Any]:
    return {
        "identifier": database.identifier,
        "host": database.host,
        "port": database.port,
        "administrator": database.administrator_secret.secret_arn,
        "backup_days": site.backup.retention_days,
        "backup_window": site.backup.window,
    }


def _files(site: Deployment, files: FileSystem) -> dict[str, Any]:
    # The objectives count nothing else while the database is promoted, and so nothing for files that are ready by then.
    patience_minutes = site.recovery.promotion_minutes if site.database is not None else 0.0
    return {"file_system": files.file_system_id, "patience_seconds": 60 * patience_minutes}


def _service(name: str, service: Service) -> dict[str, Any]:
    # As stacks/services.py has it: by the spec, and under CodeDeploy a fixed number too.
    scales = service.scaling is not None or service.release.engine == "codedeploy"
    return {
        "name": name,
        "desired": service.replicas,
        "maximum": service.replicas if service.scaling is None else service.scaling.max_replicas,
        "least": ceil(service.replicas * LEAST_SHARE),
        "scales": scales,
    }


def _entry(services: Mapping[str, Service]) -> Service:
    """Who answers everything that no other service does, probes included."""
    return next(service for service in services.values() if "/*" in service.public)


def _smoke_tests(site: Deployment, services: Mapping[str, Service]) -> Iterator[dict[str, Any]]:
    """Of releases, those that only read, of services that users reach."""
    for service in services.values():
        if service.public:
            yield from (test for test in smoke_tests(site, service) if test["method"] in READING)
