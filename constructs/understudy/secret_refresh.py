"""Who brings running tasks to the newest values of their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from spec import Deployment
from spec.release_times import total_limit_seconds
from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.polling_workflow import PollingWorkflow
from understudy.python_handler import PythonHandler
from understudy.release_functions import LONGEST_SECONDS, ReleaseSettings
from understudy.secret_alarms import RUNBOOK
from understudy.secret_refresh_permissions import statements
from understudy.secret_refresh_workflow import SCHEDULED, refresh_workflow
from understudy.starting_role import starting_role
from understudy.statement import Statement

NAME: Final = "secret-refresh"
GATHERING_SECONDS: Final = 1800
"""At most, for a burst of rotations (lambdas/secret_refresh/look.py)."""
PATIENCE_SECONDS: Final = 3600
"""For tasks and rotation functions that end by themselves (there)."""
DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class RetiredSecret:
    """A secret that changes, of which old logins are made invalid once its consumers have moved."""

    arn: str
    name: str
    """What messages call it; unique."""
    function_arn: str | None
    """The function that rotates it; None for the copy of one that rotates in the other region, where old logins end."""
    consumers: Sequence[str]
    """Services whose tasks start with it."""


class SecretRefresh(Construct):
    """A state machine named `<prefix>-secret-refresh`, which asks a function until no task holds an old value.

    Rotations start it, the clock does every hour, and a person may, with `{}`: it looks at the world and does what is left.
    Its name is fixed, because the functions that rotate are made before it and start it by name.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: ReleaseSettings, secrets: Sequence[RetiredSecret]
    ) -> None:
        super().__init__(scope, construct_id)
        handlers, place = settings.handlers, settings.place
        uses = ssm.CfnParameter(
            self,
            "Uses",
            name=f"/{place.prefix}/{NAME}",
            type="String",
            tier="Intelligent-Tiering",
            description="Which service starts with which secrets, and who goes first",
            value=Stack.of(self).to_json_string(_uses(settings.deployment, secrets)),
        )
        self.handler = PythonHandler(
            self,
            "Function",
            settings=handlers,
            name=NAME,
            description=f"{place.prefix}: brings services to the newest values of their secrets",
            package="secret_refresh",
            entry="secret_refresh.handler.handler",
            environment={**settings.environment, "TOPIC_ARN": settings.topic_arn},
            statements=statements(
                settings,
                parameter_arn=place.arn("ssm", f"parameter/{place.prefix}/{NAME}"),
                secret_arns=[secret.arn for secret in secrets],
                function_arns=list(dict.fromkeys(each.function_arn for each in secrets if each.function_arn)),
            ),
            # It waits for rotation functions, which wait for servers.
            timeout_seconds=LONGEST_SECONDS,
            if_it_fails=f"old and new logins stay valid, and it is asked again; {RUNBOOK} goes on from here",
        )
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name=NAME,
            machine_name=f"{place.prefix}-{NAME}",
            definition=refresh_workflow(self.handler.arn, limit_seconds=_limit_seconds(settings.deployment)),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), (self.handler.arn,))],
        )
        self.workflow.node.add_dependency(uses)
        self._hourly(settings)

    def _hourly(self, settings: ReleaseSettings) -> None:
        """A start that was lost costs an hour."""
        prefix = settings.place.prefix
        description = "Starts a look at secrets every hour"
        role = starting_role(self, description=description, workflow_arn=self.workflow.arn)
        rule = events.CfnRule(
            self,
            "Hourly",
            description=f"{prefix}: looks whether a service runs with old secrets",
            schedule_expression="rate(1 hour)",
            targets=[
                events.CfnRule.TargetProperty(
                    id="Refresh",
                    arn=self.workflow.arn,
                    role_arn=role.attr_arn,
                    input=Stack.of(self).to_json_string(SCHEDULED),
                )
            ],
        )
        settings.handlers.alarms.add([_not_started(rule.ref)])


def _uses(deployment: Deployment, secrets: Sequence[RetiredSecret]) -> dict[str, Any]:
    """As `lambdas/secret_refresh/models.py` reads it. Callees go first, and whom the spec lets go first."""
    services = deployment.services
    return {
        "secrets": [
            {"arn": each.arn, "name": each.name} | ({"function": each.function_arn} if each.function_arn else {})
            for each in secrets
        ],
        "services": [
            {
                "name": name,
                "engine": service.release.engine,
                "secrets": [secret.name for secret in secrets if name in secret.consumers],
                "after": _before(deployment, name),
            }
            for name, service in services.items()
        ],
    }


def _before(deployment: Deployment, name: str) -> list[str]:
    """Services that move before the service `name`."""
    service = deployment.services[name]
    called = [other for other in service.dependencies if other in deployment.services]
    return list(dict.fromkeys((*service.release.after, *called)))


def _limit_seconds(deployment: Deployment) -> int:
    """How long an execution may take: along the slowest chain each service may first wait for a release, then be refreshed."""

    def chain(name: str, waiting: tuple[str, ...]) -> int:
        before = [other for other in _before(deployment, name) if other not in waiting]
        own = 2 * total_limit_seconds(deployment.services[name])
        return own + max((chain(other, (*waiting, other)) for other in before), default=0)

    longest = max((chain(name, (name,)) for name in deployment.services), default=0)
    return min(GATHERING_SECONDS + PATIENCE_SECONDS + longest, DAY)


def _not_started(rule_name: str) -> Alarm:
    return Alarm(
        subject=NAME,
        what="not-started",
        severity="warning",
        meaning="Nobody looks any more whether a service runs with old secrets: EventBridge could not start the workflow.",
        look_first=f"whether the rule's role may start the workflow; {RUNBOOK}.",
        comparison="above",
        threshold=0,
        value=Metric("AWS/Events", "FailedInvocations", {"RuleName": rule_name}, "Sum"),
        periods=1,
    )
