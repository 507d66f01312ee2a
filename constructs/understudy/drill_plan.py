"""What the functions of a drill have to know, as their parameter holds it (lambdas/failover/drill/models.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spec import Deployment
from spec.assessment import Term
from spec.services import Service
from understudy.database import Database
from understudy.drill_tasks import left_out
from understudy.failover_plan import READING
from understudy.release_plan import smoke_tests
from understudy.secrets import APPLICATION


def parameter_name(prefix: str) -> str:
    """`/<prefix>/drill`."""
    return f"/{prefix}/drill"


def copy_name(prefix: str) -> str:
    """Identifier of the database that a drill restores."""
    return f"{prefix}-drill"


def replica_name(prefix: str) -> str:
    """Identifier of its replica, which a drill promotes."""
    return f"{prefix}-drill-replica"


def source_name(site: Deployment) -> str:
    """Identifier of the active site's database. Where the site is itself the active one, nothing is drilled."""
    return site.source_database_identifier or site.database_identifier


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a drill is held in, beside what the spec says."""

    database: Database
    copy_group: str
    """Security group of the copy."""
    task_group: str
    """Security group of the tasks."""
    subnet_ids: Sequence[str]
    secrets_key_arn: str
    login_arn: str
    families: Mapping[str, str]


def drill_plan(site: Deployment, around: Surroundings, terms: Sequence[Term]) -> dict[str, Any]:
    """Of `site`. `terms`: of the recovery time, for the loss of the active region."""
    if site.database is None:
        raise ValueError("a drill needs a database")
    return {
        "days": site.recovery.drill_days,
        "source": source_name(site),
        "copy": copy_name(site.prefix),
        "replica": replica_name(site.prefix),
        "name": around.database.name,
        "user": APPLICATION,
        "instance_class": site.database.instance_class,
        "subnet_group": around.database.subnet_group_name,
        "parameter_group": around.database.parameter_group_name,
        "security_group": around.copy_group,
        "secrets_key_arn": around.secrets_key_arn,
        "secret_arn": around.login_arn,
        "backup_days": site.backup.retention_days,
        "backup_window": site.backup.window,
        "subnets": list(around.subnet_ids),
        "task_security_group": around.task_group,
        "services": [_service(site, name, site.services[name], family) for name, family in around.families.items()],
        "terms": [{"what": term.what, "seconds": round(60 * term.minutes, 3)} for term in terms],
    }


def _service(site: Deployment, name: str, service: Service, family: str) -> dict[str, Any]:
    unasked = _unasked(service)
    tests = [] if unasked else [test for test in smoke_tests(site, service) if test["method"] in READING]
    return {"name": name, "family": family, "port": service.port, "smoke_tests": tests, "unasked": unasked}


def _unasked(service: Service) -> str:
    """Why no smoke test of a release can be asked of its task in a drill; empty if it can."""
    missing = left_out(service)
    if not service.public:
        return "users do not reach it"
    if service.protocol != "http":
        return "its container speaks TLS, with a certificate that names nobody"
    return f"it depends on {', '.join(missing)}, of which a drill has no copy" if missing else ""
