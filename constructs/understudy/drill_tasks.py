"""Tasks that a drill starts against the copy of the database: a service's image, and nothing else that is anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec import Deployment
from spec.services import Service
from understudy.encrypted_log_group import encrypted_log_group
from understudy.execution_permissions import pull, read_secrets, write_log
from understudy.removal import removal_policy
from understudy.service_environment import Backends, readable_secrets, secrets, variables
from understudy.task import Told, task_definition
from understudy.task_roles import tasks_role

NOWHERE: Final = "drill.invalid"
"""A name that no resolver ever knows (RFC 2606): who asks for it is refused at once, and hangs at nothing."""
STORES: Final = ("DATABASE", "CACHE", "QUEUE")


@dataclass(frozen=True, slots=True)
class Roles:
    """Of one service's tasks in a drill."""

    execution: iam.Role
    task: iam.Role
    """May do nothing at all: no bucket, no file system, no shell."""


class DrillTasks(Construct):
    """A task definition `<prefix>-drill-<service>` for each released service that depends on the database.

    Like the service's own, but that it knows one store, the copy, by whatever address it is started with; its login is the
    drill's, and so are those of cache and queue, which lead nowhere.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        backends: Backends,
        login: secretsmanager.ISecret,
        secrets_key: kms.IKey,
        logs_key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self.families: dict[str, str] = {}
        """By service."""
        self.role_arns: list[str] = []
        for name in deployment.dependents("database"):
            if deployment.released(name):
                self._add(deployment, name, backends, login, secrets_key, logs_key)

    def _add(
        self,
        deployment: Deployment,
        name: str,
        backends: Backends,
        login: secretsmanager.ISecret,
        secrets_key: kms.IKey,
        logs_key: kms.IKey,
    ) -> None:
        scope, stack = Construct(self, name), Stack.of(self)
        family = f"{deployment.prefix}-drill-{name}"
        group = encrypted_log_group(
            scope,
            "Log",
            name=f"/{deployment.prefix}/drill/{name}",
            key=logs_key,
            retention_days=deployment.monitoring.log_retention_days,
            removal_policy=removal_policy(deployment.protection),
        )
        alone = _alone(deployment, name)
        own = readable_secrets(alone, name, Backends(None, None, None, None, None, backends.application_secrets, {}))
        service = deployment.services[name]
        what = f"{deployment.prefix}: tasks of {name} in a drill"
        roles = Roles(
            tasks_role(
                scope,
                "Execution",
                what,
                [
                    pull(stack, service.image, _repository(backends, name)),
                    write_log(group),
                    read_secrets(stack, [login, *own], secrets_key),
                ],
            ),
            tasks_role(scope, "Task", what, []),
        )
        task_definition(
            scope,
            "Definition",
            deployment=alone,
            name=name,
            backends=backends,
            roles=roles,
            log_group=logs.LogGroup.from_log_group_name(scope, "LogGroup", group.ref),
            told=_told(deployment, name, backends, login),
            family=family,
        )
        self.families[name] = family
        self.role_arns += [roles.execution.role_arn, roles.task.role_arn]


def left_out(service: Service) -> tuple[str, ...]:
    """What the service depends on, and has not in a drill."""
    return tuple(each for each in service.dependencies if each != "database")


def _alone(deployment: Deployment, name: str) -> Deployment:
    """With the service as it is in a drill: files lie on the task's own storage."""
    service, files = deployment.services[name], deployment.storage.files
    mounted = (files.mount_path,) if files is not None and "files" in service.dependencies else ()
    changed = {"dependencies": ("database",), "writable_paths": (*service.writable_paths, *mounted)}
    return deployment.model_copy(update={"services": {name: service.model_copy(update=changed)}})


def _told(deployment: Deployment, name: str, backends: Backends, login: secretsmanager.ISecret) -> Told:
    """The service's own, every name among them, with the addresses and logins of a drill."""
    service = deployment.services[name]
    urls = {f"{other.upper().replace('-', '_')}_URL" for other in service.dependencies if other in deployment.services}
    nowhere: Mapping[str, str] = {
        **{f"{store}_HOST": NOWHERE for store in STORES},
        "DATABASE_READER_HOSTS": NOWHERE,
        "DATA_BUCKET": NOWHERE,
        **dict.fromkeys(urls, f"https://{NOWHERE}"),
    }
    logins = {
        f"{store}_{field.upper()}": ecs.Secret.from_secrets_manager(login, field)
        for store in STORES
        for field in ("username", "password")
    }
    given = variables(deployment, name, backends)
    known = secrets(deployment, name, backends)
    return Told(
        {variable: nowhere.get(variable, value) for variable, value in given.items()},
        {variable: logins.get(variable, secret) for variable, secret in known.items()},
    )


def _repository(backends: Backends, name: str) -> ecr.IRepository | None:
    return backends.repositories.get(name)
