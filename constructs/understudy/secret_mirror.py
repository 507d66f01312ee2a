"""Who copies the values of secrets to the region that stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from understudy.copy_alarms import RUNBOOK
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.recovery_table import lease_statements
from understudy.regular_call import call_regularly
from understudy.release_permissions import Place
from understudy.secret_alarms import NAMESPACE, copies_silent_alarm, copy_alarm
from understudy.secret_watch import NUMBERS_REASON
from understudy.statement import Statement

NAME: Final = "secret-mirror"
SECONDS: Final = 300
"""Two dozen secrets, each with a few calls that cross the country; the next look is a minute away, and does no harm beside it."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A secret of this site, and the one of the site that waits."""

    name: str
    full_name: str
    """Dimension of its metrics."""
    source_arn: str
    target_arn: str
    refreshed: bool
    """Whether tasks of the waiting site start with it."""


class SecretMirror(Construct):
    """A function that gives each secret of the waiting site the current version of this one's, every minute (decision 17)."""

    handler: PythonHandler

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handlers: HandlerSettings,
        secrets: Sequence[Mirrored],
        peer_region: str,
        source_key: kms.IKey,
        target_key_arn: str,
        table_key_arn: str,
    ) -> None:
        """Keys: of secrets here, of secrets there, and of the table that says who holds the lease, there."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        place = Place.of(stack, handlers.prefix)
        parameter = ssm.CfnParameter(
            self,
            "Copies",
            name=f"/{place.prefix}/{NAME}",
            type="String",
            tier="Intelligent-Tiering",
            description="Which secret of this region is copied to which of the other one",
            value=stack.to_json_string(
                [
                    {
                        "name": each.full_name,
                        "source": each.source_arn,
                        "target": each.target_arn,
                        "refreshed": each.refreshed,
                    }
                    for each in secrets
                ]
            ),
        )
        refresh_arn = (
            f"arn:{place.partition}:states:{peer_region}:{place.account}:stateMachine:{place.prefix}-secret-refresh"
        )
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{place.prefix}: copies values of secrets to {peer_region}",
            package="secret_mirror",
            entry="secret_mirror.handler.handler",
            environment={"PREFIX": place.prefix, "PEER_REGION": peer_region, "REFRESH_ARN": refresh_arn},
            statements=[
                Statement("Copies", ("ssm:GetParameter",), (place.arn("ssm", f"parameter/{place.prefix}/{NAME}"),)),
                *lease_statements(place, peer_region, table_key_arn),
                *_secrets(place, secrets, peer_region, source_key, target_key_arn),
                *(
                    [Statement("Refresh", ("states:StartExecution",), (refresh_arn,))]
                    if any(each.refreshed for each in secrets)
                    else []
                ),
                Statement(
                    "Numbers",
                    ("cloudwatch:PutMetricData",),
                    ("*",),
                    {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                    NUMBERS_REASON,
                ),
            ],
            timeout_seconds=SECONDS,
            if_it_fails=f"the other region goes on with the values it has; the function is asked again in a minute; {RUNBOOK}",
        )
        self.handler.node.add_dependency(parameter)
        call_regularly(
            self,
            "EachMinute",
            function=self.handler,
            every="1 minute",
            description=f"{place.prefix}: secrets of the region that stands in are kept in step",
            target="Mirror",
        )
        handlers.alarms.add([copy_alarm(each.name, each.full_name) for each in secrets])
        handlers.alarms.add([copies_silent_alarm(secrets[0].full_name)])


def _secrets(
    place: Place, secrets: Sequence[Mirrored], peer_region: str, source_key: kms.IKey, target_key_arn: str
) -> list[Statement]:
    """Read here, write there; each by Secrets Manager's use of the key alone."""

    def by_secrets_manager(region: str) -> dict[str, dict[str, str]]:
        return {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}}

    return [
        Statement(
            "Read",
            ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
            [each.source_arn for each in secrets],
        ),
        Statement("ReadKey", ("kms:Decrypt",), (source_key.key_arn,), by_secrets_manager(place.region)),
        Statement(
            "Write",
            (
                "secretsmanager:DescribeSecret",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ),
            [each.target_arn for each in secrets],
        ),
        Statement(
            "WriteKey", ("kms:Decrypt", "kms:GenerateDataKey"), (target_key_arn,), by_secrets_manager(peer_region)
        ),
    ]
