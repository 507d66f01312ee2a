"""Who keeps the lease of a site, and its database shut where the site has lost it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec import Deployment
from understudy.database import Database
from understudy.express_loop import ExpressLoop
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.recovery_table import RecoveryTable, elsewhere, use_tables
from understudy.region_guard_alarms import guard_alarms
from understudy.secrets import APPLICATION
from understudy.statement import Statement

NAME: Final = "region-guard"
LOOK_SECONDS: Final = 8
"""The longest that a look may take (lambdas/region_guard/action.py counts on it)."""


@dataclass(frozen=True, slots=True)
class GuardedDatabase:
    """The site's database, its administrator's secret, and the way to it."""

    database: Database
    secrets_key: kms.IKey
    subnet_ids: Sequence[str]
    security_group_id: str

    def administrator(self, region: str) -> list[Statement]:
        """To log in as who may look at replication and shut the database."""
        return [
            Statement(
                "Administrator",
                ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
                (self.database.administrator_secret.secret_arn,),
            ),
            Statement(
                "AdministratorKey",
                ("kms:Decrypt",),
                (self.secrets_key.key_arn,),
                {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
            ),
        ]


class RegionGuard(Construct):
    """A function that looks every `heartbeat_seconds`, asked by an express workflow that the clock starts each minute.

    Where two executions overlap, the older one ends at its next look. Without a database it keeps the lease alone.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        handlers: HandlerSettings,
        table: RecoveryTable,
        guarded: GuardedDatabase | None,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        prefix = deployment.prefix
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{prefix}: keeps the lease of this region, and writes out of a region that has lost it",
            package="region_guard",
            entry="region_guard.handler.handler",
            environment={"PREFIX": prefix, "GUARD": stack.to_json_string(_document(deployment, guarded))},
            statements=_statements(stack, deployment, table, guarded),
            timeout_seconds=LOOK_SECONDS,
            subnet_ids=guarded.subnet_ids if guarded else (),
            security_group_ids=[guarded.security_group_id] if guarded else (),
            if_it_fails="the workflow asks again; if it goes on, the lease runs out and logins end",
        )
        self.workflow = ExpressLoop(
            self,
            "Loop",
            handlers=handlers,
            handler=self.handler,
            name=NAME,
            what="who may write is looked after",
            pause_seconds=deployment.recovery.heartbeat_seconds,
        ).workflow
        handlers.alarms.add(guard_alarms(prefix, witnessed=deployment.recovery.witness_region is not None))


def _document(deployment: Deployment, guarded: GuardedDatabase | None) -> dict[str, object]:
    """The variable GUARD: every field of the function's Settings."""
    database = guarded.database if guarded else None
    return {
        "prefix": deployment.prefix,
        "region": deployment.region,
        "peer_region": deployment.peer_region,
        "active": deployment.active,
        "stands_in": deployment.following,
        "heartbeat_seconds": deployment.recovery.heartbeat_seconds,
        "lease_seconds": deployment.recovery.lease_seconds,
        "witness_region": deployment.recovery.witness_region,
        "database": {
            "host": database.host,
            "port": database.port,
            "name": database.name,
            "user": APPLICATION,
            "secret_arn": database.administrator_secret.secret_arn,
        }
        if database
        else None,
    }


def _statements(
    stack: Stack, deployment: Deployment, table: RecoveryTable, guarded: GuardedDatabase | None
) -> list[Statement]:
    """Its own table, the lease in the others', and how it becomes the database's administrator."""
    others = elsewhere(deployment)
    found = [
        Statement("Table", ("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"), (table.arn,)),
        Statement(
            "TableKey",
            ("kms:Decrypt",),
            (table.key.key_arn,),
            {"StringEquals": {"kms:ViaService": f"dynamodb.{stack.region}.amazonaws.com"}},
        ),
        *use_tables(stack, deployment.prefix, "Lease", ("dynamodb:GetItem", "dynamodb:PutItem"), others),
    ]
    if guarded is not None:
        found += guarded.administrator(stack.region)
    return found
