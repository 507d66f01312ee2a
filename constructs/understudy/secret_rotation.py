"""The function that rotates the secrets of one server, or the application's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec.rotation import Rotation
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.release_permissions import Place, list_in_cluster, on_tasks
from understudy.rotating_secret import RotatingSecret
from understudy.secret_alarms import RUNBOOK, rotation_alarms
from understudy.statement import Statement

Engine = Literal["postgresql", "redis", "rabbitmq", "generated"]

TIMEOUT_SECONDS: Final[Mapping[Engine, int]] = {
    # A standby may have to replay the new login, and a node of a cluster to learn of it, before it is tested.
    "postgresql": 600,
    "rabbitmq": 600,
    # ElastiCache takes minutes to give a user another password, and Secrets Manager's steps are single calls.
    "redis": 900,
    "generated": 120,
}
"""At most 900 (Lambda Developer Guide, quotas)."""

CALLS: Final = 3
"""CloudFormation's event comes again twice if the function dies (Lambda Developer Guide, asynchronous invocation)."""
BETWEEN_CALLS_SECONDS: Final = 300
"""A minute before the second, two before the third, and room."""


@dataclass(frozen=True, slots=True)
class Server:
    """What secrets are for, in the words of lambdas/secret_rotation/settings.py."""

    engine: Engine
    host: str = ""
    alias: str = ""
    port: int = 0
    management_port: int = 443
    database: str = ""
    readers: Sequence[str] = ()
    users: Literal["alternating", "single"] = "alternating"
    user_id: str = ""
    virtual_host: str = "/"


@dataclass(frozen=True, slots=True)
class RotationSettings:
    """What the rotations of an environment have in common."""

    place: Place
    rotation: Rotation
    handlers: HandlerSettings
    secrets_key: kms.IKey
    subnet_ids: Sequence[str]
    """Of functions that talk to a server: with a way to it, and to AWS."""

    @property
    def refresh_arn(self) -> str:
        """The state machine of the services stack that brings consumers to a new version."""
        return self.place.arn("states", f"stateMachine:{self.place.prefix}-secret-refresh")


class SecretRotation(Construct):
    """A function for `server`, and the rotation of each of its `secrets` by it.

    `security_group_id`: of a function inside the VPC, which reaches that server and AWS and nothing else. None: it asks AWS
    alone. The first login is made valid when `after` is there, each following one after the one before: an
    administrator's stands first, because the others are made by it.
    """

    handler: PythonHandler

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        settings: RotationSettings,
        server: Server,
        secrets: Sequence[RotatingSecret],
        security_group_id: str | None = None,
        after: Sequence[CfnResource] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        place = settings.place
        self.handler = PythonHandler(
            self,
            "Function",
            settings=settings.handlers,
            name=function_name(name),
            description=f"{place.prefix}: rotates {', '.join(secret.name for secret in secrets)}"[:256],
            package="secret_rotation",
            entry="secret_rotation.handler.handler",
            environment={
                "PREFIX": place.prefix,
                "ROTATION": stack.to_json_string(_document(settings, server, secrets)),
            },
            statements=_statements(settings, server, secrets),
            timeout_seconds=TIMEOUT_SECONDS[server.engine],
            subnet_ids=settings.subnet_ids if security_group_id else (),
            security_group_ids=[security_group_id] if security_group_id else (),
            if_it_fails=f"the current value still works; {RUNBOOK} goes on from here",
        )
        answer_seconds = CALLS * TIMEOUT_SECONDS[server.engine] + BETWEEN_CALLS_SECONDS
        for secret in secrets:
            attributes = stack.to_json_string(_attributes(server, secret))
            login = secret.rotate(
                self.handler, settings.rotation, attributes=attributes, answer_seconds=answer_seconds, after=after
            )
            after = [login]
            settings.handlers.alarms.add(rotation_alarms(secret.name, secret.full_name, settings.rotation.days))


def function_name(name: str) -> str:
    """Of the function that rotates the secrets of `name`, a store or a group of generated ones."""
    return f"rotate-{name}"


def _document(settings: RotationSettings, server: Server, secrets: Sequence[RotatingSecret]) -> dict[str, object]:
    """The variable ROTATION: every field of the function's Settings."""
    return {
        **asdict(server),
        "readers": list(server.readers),
        "prefix": settings.place.prefix,
        "cluster": settings.place.prefix,
        "refresh_arn": settings.refresh_arn,
        "secrets": [
            {
                "arn": secret.arn,
                "name": secret.full_name,
                "kind": secret.kind,
                "consumers": list(secret.consumers),
                "length": secret.length,
            }
            for secret in secrets
        ],
    }


def _attributes(server: Server, secret: RotatingSecret) -> dict[str, object]:
    """What the secret says beside the login depends on these; a change of them is an update of it.

    Another length makes CloudFormation generate another value, which has to be completed like the first.
    """
    return {
        "host": server.host,
        "alias": server.alias,
        "port": server.port,
        "database": server.database,
        "readers": list(server.readers),
        "length": secret.length,
    }


def _statements(settings: RotationSettings, server: Server, secrets: Sequence[RotatingSecret]) -> list[Statement]:
    """Its own secrets, who still uses them, and where consumers are refreshed."""
    place = settings.place
    found = [
        Statement(
            "Secrets",
            (
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ),
            [secret.arn for secret in secrets],
        ),
        Statement(
            "SecretsKey",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (settings.secrets_key.key_arn,),
            {"StringEquals": {"kms:ViaService": f"secretsmanager.{place.region}.amazonaws.com"}},
        ),
    ]
    if any(secret.consumers for secret in secrets):
        found += [
            list_in_cluster(place, "ListTasks", "ecs:ListTasks"),
            on_tasks(place, "ecs:DescribeTasks"),
            Statement("Refresh", ("states:StartExecution",), (settings.refresh_arn,)),
        ]
    if server.user_id:
        user = place.arn("elasticache", f"user:{server.user_id}")
        found.append(Statement("Users", ("elasticache:DescribeUsers", "elasticache:ModifyUser"), (user,)))
    return found
