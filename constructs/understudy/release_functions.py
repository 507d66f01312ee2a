"""The functions of a release: the five hooks of an engine, the one that keeps the rules, the one that starts deployments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from constructs import Construct

from spec import Deployment
from spec.release import HOOKS, Engine, HookName
from understudy.python_handler import HandlerSettings, PythonHandler
from understudy.release_ledger import ReleaseLedger
from understudy.release_permissions import (
    Place,
    change_rules,
    codedeploy_groups,
    describe_alarms,
    describe_services,
    everywhere,
    keep_ledger,
    list_in_cluster,
    on_tasks,
    own_stack,
    read_plans,
    run_tasks,
)
from understudy.statement import Statement

IN_VPC: Final[tuple[HookName, ...]] = ("before_install", "test_traffic", "after_traffic")
"""Hooks that talk to something inside the VPC: stores, or the load balancer's test listener."""

CALL_SECONDS: Final = 25
"""A call of AWS that has to be repeated ends within this (lambdas/shared/aws.py); every time-out leaves room for one."""

LONGEST_SECONDS: Final = 900
"""Of any function (Lambda Developer Guide, quotas)."""

CERTIFICATES: Final = "/opt/certificates/rds.pem"
"""Where the layer puts them."""

TAKEN_BACK: Final = "a release that waits for it is taken back"


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """What the functions of releases have in common."""

    deployment: Deployment
    place: Place
    handlers: HandlerSettings
    ledger: ReleaseLedger
    topic_arn: str
    secret_arns: Mapping[Engine, Sequence[str]]
    """Every secret that a service with hooks starts with, by the engine that calls them."""
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]

    @property
    def environment(self) -> dict[str, str]:
        """Variables of every function."""
        deployment = self.deployment
        return {
            "APPLICATION": deployment.name,
            "ENVIRONMENT": deployment.environment,
            "PREFIX": deployment.prefix,
            "LEDGER_TABLE": self.ledger.name,
        }

    @property
    def common(self) -> list[Statement]:
        """Statements of every function that knows a release: its plan, its ledger."""
        return [read_plans(self.place), *keep_ledger(self.ledger.arn, self.ledger.key, self.place)]

    def shifting(self, engine: Engine) -> list[str]:
        """Services that `engine` shifts requests of, and that therefore have hooks."""
        services = self.deployment.services
        return [name for name, each in services.items() if each.release.shifts and each.release.engine == engine]

    def migrating(self, engine: Engine) -> list[str]:
        """Of these, the ones with a migration that runs here: where a site waits it does not, the active one's has (decision 11)."""
        if not self.deployment.active:
            return []
        return [name for name in self.shifting(engine) if self.deployment.services[name].migration is not None]


def hooks(
    scope: Construct, settings: ReleaseSettings, engine: Engine, *, workflow_arn: str | None
) -> dict[HookName, PythonHandler]:
    """A function for each hook, with what that hook needs. `workflow_arn`: what polls CodeDeploy's."""
    return {hook: _hook(scope, settings, engine, hook, workflow_arn) for hook in HOOKS}


def _hook(
    scope: Construct, settings: ReleaseSettings, engine: Engine, hook: HookName, workflow_arn: str | None
) -> PythonHandler:
    services = settings.deployment.services
    limit = max(services[name].release.hooks.limit(hook) for name in settings.shifting(engine))
    environment = {**settings.environment, "STAGE": hook}
    if workflow_arn is not None:
        environment["POLLING_STATE_MACHINE_ARN"] = workflow_arn
    if hook == "before_install":
        environment["CA_BUNDLE"] = CERTIFICATES
    in_vpc = hook in IN_VPC
    name = f"{engine}-{hook.replace('_', '-')}"
    return PythonHandler(
        scope,
        name,
        settings=settings.handlers,
        name=name,
        description=f"{settings.place.prefix}: hook {hook} of releases by {engine}",
        package="deployment_hooks",
        entry=f"deployment_hooks.{engine}.handler",
        environment=environment,
        statements=[
            *settings.common,
            *_engine(settings, workflow_arn),
            _services(settings, engine),
            *_stage(settings, engine, hook),
        ],
        # A migration is not waited for in one call: the function is asked again until it has ended.
        timeout_seconds=min(limit + CALL_SECONDS, LONGEST_SECONDS),
        subnet_ids=settings.subnet_ids if in_vpc else (),
        security_group_ids=settings.security_group_ids if in_vpc else (),
        if_it_fails=TAKEN_BACK,
    )


def _engine(settings: ReleaseSettings, workflow_arn: str | None) -> list[Statement]:
    """What each hook of the engine asks about the release that it is part of; CodeDeploy's are those with a workflow."""
    place = settings.place
    definitions = everywhere("TaskDefinitions", "ecs:DescribeTaskDefinition")
    if workflow_arn is None:
        return [definitions]
    return [
        definitions,
        codedeploy_groups(
            place, "Deployment", "codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus"
        ),
        Statement("Poll", ("states:StartExecution",), (workflow_arn,)),
    ]


def _services(settings: ReleaseSettings, engine: Engine) -> Statement:
    """What the hook reads about the service: CodeDeploy's task sets stand in the service, ECS's versions beside it."""
    if engine == "codedeploy":
        return describe_services(settings.place, "ecs:DescribeServices")
    return describe_services(settings.place, "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions")


def _stage(settings: ReleaseSettings, engine: Engine, hook: HookName) -> list[Statement]:
    """What one hook does."""
    place = settings.place
    match hook:
        case "before_install":
            # The subnets' free addresses: ec2:DescribeSubnets is among what every function in the VPC may do.
            found = []
            if secret_arns := settings.secret_arns.get(engine):
                found.append(Statement("Secrets", ("secretsmanager:DescribeSecret",), secret_arns))
            if migrating := settings.migrating(engine):
                found += run_tasks(place, migrating)
            return found
        case "after_install":
            return [
                list_in_cluster(place, "ListTasks", "ecs:ListTasks"),
                on_tasks(place, "ecs:DescribeTasks"),
                _target_health(),
            ]
        case "before_traffic":
            return [describe_alarms()]
        case "after_traffic":
            return [_target_health(), everywhere("Numbers", "cloudwatch:GetMetricData")]
        case "test_traffic":
            return []


def _target_health() -> Statement:
    return everywhere("Targets", "elasticloadbalancing:DescribeTargetHealth")


def traffic(scope: Construct, settings: ReleaseSettings) -> PythonHandler:
    """CloudFormation's custom resource for listener rules: it never touches whom a rule sends requests to."""
    place = settings.place
    return PythonHandler(
        scope,
        "traffic",
        settings=settings.handlers,
        name="service-traffic",
        description=f"{place.prefix}: listener rules of services, kept from changing while a release shifts them",
        package="service_traffic",
        entry="service_traffic.handler.handler",
        environment=settings.environment,
        statements=[
            *change_rules(settings.deployment, place),
            *_shifts(settings),
            own_stack(place),
        ],
        timeout_seconds=120,
        if_it_fails=TAKEN_BACK,
    )


def deployment_start(scope: Construct, settings: ReleaseSettings) -> PythonHandler:
    """CloudFormation's custom resource for CodeDeploy's deployments: hands on what is not live already."""
    place = settings.place
    return PythonHandler(
        scope,
        "deployment-start",
        settings=settings.handlers,
        name="deployment-start",
        description=f"{place.prefix}: starts deployments of what is not live already",
        package="deployment_start",
        entry="deployment_start.handler.handler",
        environment=settings.environment,
        statements=[
            codedeploy_groups(place, "Deployments", "codedeploy:ListDeployments"),
            describe_services(place, "ecs:DescribeServices"),
        ],
        timeout_seconds=4 * CALL_SECONDS,
        if_it_fails=TAKEN_BACK,
    )


def _shifts(settings: ReleaseSettings) -> list[Statement]:
    """Whether an engine is at work; one that replaces task by task shifts nothing."""
    place = settings.place
    codedeploy, ecs = settings.shifting("codedeploy"), settings.shifting("ecs")
    found = []
    if codedeploy:
        found.append(codedeploy_groups(place, "Deployments", "codedeploy:ListDeployments"))
    if codedeploy or ecs:
        of_ecs = ("ecs:DescribeServiceRevisions", "ecs:ListServiceDeployments") if ecs else ()
        found.append(describe_services(place, "ecs:DescribeServices", *of_ecs))
        found.append(list_in_cluster(place, "ListServices", "ecs:ListServices"))
    return found
