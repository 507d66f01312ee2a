"""How a waiting site's broker comes to consist of what the active site's does (decision 19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.copy_alarms import RUNBOOK
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.queue import Queue
from understudy.recovery_table import lease_statements
from understudy.regular_call import call_regularly
from understudy.release_permissions import Place
from understudy.statement import Statement

SENDING: Final = "broker-sending"
RECEIVING: Final = "broker-receiving"
OBJECT: Final = "broker/definitions.json"
"""lambdas/broker_mirror/models.py."""
SECONDS: Final = 120
EVERY: Final = "5 minutes"
"""New queues are declared by releases, not by the minute."""
MANAGEMENT_PORT: Final = 443


@dataclass(frozen=True, slots=True)
class Broker:
    """A site's broker, and how a function reaches it."""

    queue: Queue
    secrets_key: kms.IKey
    subnet_ids: Sequence[str]
    security_group_id: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """What both sites' functions know: the waiting site's bucket and table."""

    region: str
    bucket_name: str
    bucket_arn: str
    table_key_arn: str


class BrokerSending(Construct):
    """In the active site: writes down what its broker consists of, without users, into the waiting site's bucket."""

    def __init__(
        self, scope: Construct, construct_id: str, *, handlers: HandlerSettings, broker: Broker, meeting: Meeting
    ) -> None:
        super().__init__(scope, construct_id)
        _function(
            self,
            handlers,
            broker,
            meeting,
            name=SENDING,
            entry="broker_mirror.sending.handler",
            description="writes down what the broker consists of, for the region that stands in",
            action="s3:PutObject",
            if_it_fails=f"the other region's broker keeps what it has; the function is asked again in some minutes; {RUNBOOK}",
        )


class BrokerReceiving(Construct):
    """In the waiting site: adds to its broker what the active site's has."""

    def __init__(
        self, scope: Construct, construct_id: str, *, handlers: HandlerSettings, broker: Broker, meeting: Meeting
    ) -> None:
        super().__init__(scope, construct_id)
        _function(
            self,
            handlers,
            broker,
            meeting,
            name=RECEIVING,
            entry="broker_mirror.receiving.handler",
            description="gives the broker what the active region's consists of",
            action="s3:GetObject",
            if_it_fails=f"the broker keeps what it has; the function is asked again in some minutes; {RUNBOOK}",
        )


def _function(
    scope: Construct,
    handlers: HandlerSettings,
    broker: Broker,
    meeting: Meeting,
    *,
    name: str,
    entry: str,
    description: str,
    action: str,
    if_it_fails: str,
) -> None:
    place = Place.of(Stack.of(scope), handlers.prefix)
    administrator = broker.queue.administrator_secret.secret_arn
    function = PythonHandler(
        scope,
        "Function",
        settings=handlers,
        name=name,
        description=f"{place.prefix}: {description}",
        package="broker_mirror",
        entry=entry,
        environment={
            "PREFIX": place.prefix,
            "LEASE_REGION": meeting.region,
            "HOST": broker.queue.host,
            "MANAGEMENT_PORT": str(MANAGEMENT_PORT),
            "ADMINISTRATOR_ARN": administrator,
            "BUCKET": meeting.bucket_name,
        },
        statements=[
            *lease_statements(place, meeting.region, meeting.table_key_arn),
            Statement(
                "Administrator",
                ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
                (administrator,),
            ),
            Statement(
                "AdministratorKey",
                ("kms:Decrypt",),
                (broker.secrets_key.key_arn,),
                {"StringEquals": {"kms:ViaService": f"secretsmanager.{place.region}.amazonaws.com"}},
            ),
            Statement("Definitions", (action,), (f"{meeting.bucket_arn}/{OBJECT}",)),
        ],
        timeout_seconds=SECONDS,
        subnet_ids=broker.subnet_ids,
        security_group_ids=[broker.security_group_id],
        if_it_fails=if_it_fails,
    )
    call_regularly(
        scope,
        "Regularly",
        function=function,
        every=EVERY,
        description=f"{place.prefix}: {description}",
        target="Broker",
    )
