"""Who follows each deployment from its start to its end."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import aws_events as events
from constructs import Construct

from spec import Deployment
from spec.release_times import total_limit_seconds
from understudy.alarm import Alarm
from understudy.metric import Metric
from understudy.polling_workflow import PollingWorkflow
from understudy.python_handler import PythonHandler
from understudy.release_functions import CALL_SECONDS, ReleaseSettings
from understudy.release_permissions import (
    Place,
    codedeploy_groups,
    describe_alarms,
    describe_services,
    everywhere,
    publish,
    run_tasks,
)
from understudy.release_workflows import watch_workflow
from understudy.starting_role import starting_role
from understudy.statement import Statement

SPARE_SECONDS: Final = 1800
"""For a rollback after everything has taken as long as it may, and for the message about it."""


class ReleaseWatch(Construct):
    """Starts a workflow for each deployment of the environment's services, which asks a function until it is over.

    EventBridge may deliver an event twice; the function's ledger makes two watchers say one thing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: ReleaseSettings) -> None:
        super().__init__(scope, construct_id)
        deployment, handlers, place = settings.deployment, settings.handlers, settings.place
        self.handler = _function(self, settings)
        self.workflow = PollingWorkflow(
            self,
            "Workflow",
            settings=handlers,
            name="release-watch",
            definition=watch_workflow(self.handler.arn, limit_seconds=_longest_seconds(deployment)),
            statements=[Statement("Ask", ("lambda:InvokeFunction",), (self.handler.arn,))],
        )
        role = starting_role(self, description="Starts a watch of each deployment", workflow_arn=self.workflow.arn)
        for name, pattern in _patterns(deployment, place).items():
            rule = events.CfnRule(
                self,
                name,
                description=f"{place.prefix}: a deployment starts, and somebody watches it",
                event_pattern=pattern,
                targets=[events.CfnRule.TargetProperty(id="Watch", arn=self.workflow.arn, role_arn=role.attr_arn)],
            )
            handlers.alarms.add([_unwatched(name.lower(), rule.ref)])


def _function(scope: Construct, settings: ReleaseSettings) -> PythonHandler:
    """Follows a deployment to its end, stops one that lasts too long, and tells people."""
    place, services = settings.place, settings.deployment.services
    statements = [
        *settings.common,
        Statement("ReadLedger", ("dynamodb:Query",), (settings.ledger.arn,)),
        *publish(settings.topic_arn, settings.handlers.logs_key, place),
        *_engines(settings),
        everywhere("TaskDefinitions", "ecs:DescribeTaskDefinition"),
        everywhere("Targets", "elasticloadbalancing:DescribeTargetHealth"),
        describe_alarms(),
        everywhere("Numbers", "cloudwatch:GetMetricData"),
    ]
    if returning := going_back(settings.deployment):
        statements += run_tasks(place, returning)
    return PythonHandler(
        scope,
        "Function",
        settings=settings.handlers,
        name="release-watch",
        description=f"{place.prefix}: watches deployments of {', '.join(services)}"[:256],
        package="release_watch",
        entry="release_watch.handler.handler",
        environment={**settings.environment, "TOPIC_ARN": settings.topic_arn},
        statements=statements,
        timeout_seconds=2 * CALL_SECONDS,
    )


def _engines(settings: ReleaseSettings) -> list[Statement]:
    """How a deployment is doing, asked of the engines that the environment uses; CodeDeploy's can be stopped."""
    place = settings.place
    engines = {service.release.engine for service in settings.deployment.services.values()}
    found = []
    if "codedeploy" in engines:
        found += [
            codedeploy_groups(place, "Deployment", "codedeploy:GetDeployment"),
            everywhere("AnyDeployment", "codedeploy:GetDeploymentTarget", "codedeploy:StopDeployment"),
        ]
    of_ecs = ("ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:ListServiceDeployments")
    found.append(describe_services(place, "ecs:DescribeServices", *(of_ecs if "ecs" in engines else ())))
    return found


def going_back(deployment: Deployment) -> list[str]:
    """Services with a program that takes their migration back, where the migration ran."""
    if not deployment.active:
        return []
    return [
        name
        for name, service in deployment.services.items()
        if service.migration is not None and service.migration.way_back.kind == "command"
    ]


def _longest_seconds(deployment: Deployment) -> int:
    """How long a deployment of any service lasts at most, its way back included."""
    return SPARE_SECONDS + max(
        total_limit_seconds(service) + (service.migration.timeout_seconds if service.migration else 0)
        for service in deployment.services.values()
    )


def _patterns(deployment: Deployment, place: Place) -> dict[str, dict[str, Any]]:
    """Events that say that a deployment has started, by engine."""
    engines = {service.release.engine for service in deployment.services.values()}
    patterns: dict[str, dict[str, Any]] = {}
    if "codedeploy" in engines:
        patterns["CodeDeploy"] = {
            "source": ["aws.codedeploy"],
            "detail-type": ["CodeDeploy Deployment State-change Notification"],
            "detail": {"application": [place.prefix], "state": ["START"]},
        }
    if "ecs" in engines:
        patterns["Ecs"] = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [{"prefix": place.arn("ecs", f"service/{place.prefix}/")}],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"]},
        }
    return patterns


def _unwatched(engine: str, rule_name: str) -> Alarm:
    return Alarm(
        subject=f"release-watch-{engine}",
        what="not-started",
        severity="warning",
        meaning="A deployment has started and nobody watches it: EventBridge could not start the workflow.",
        look_first="the deployment itself; then whether the rule's role may start the workflow.",
        comparison="above",
        threshold=0,
        value=Metric("AWS/Events", "FailedInvocations", {"RuleName": rule_name}, "Sum"),
        periods=1,
    )
