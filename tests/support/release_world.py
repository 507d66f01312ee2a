"""One service in the middle of a release, in moto: what the functions of both engines find in AWS.

moto has no service deployments or revisions, no PutLifecycleEventHookExecutionStatus, no percentiles and no unhealthy
targets: `ReleaseWorld` answers for those. Of its own code the project replaces nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import boto3
from balancer_metrics import BalancerMetrics
from moto import mock_aws
from moto.cloudwatch.models import CloudWatchBackend
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult
from moto.ecs.models import ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus
from moto.moto_api import state_manager
from release_plan import ACCOUNT, PREFIX, REGION, SERVICE, TABLE, Engine, default_plan

from deployment_hooks.settings import settings
from shared import aws, clock, trust

EVENTS = Path(__file__).parent / "events"
OLD_DIGEST, NEW_DIGEST = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
SERVICE_DEPLOYMENT = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service-deployment/{PREFIX}/{SERVICE}/TFX5sH9q9XDboDTOv0rIt"
REVISION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service-revision/{PREFIX}/{SERVICE}/"

Call = tuple[str, str]
"""Service and operation, as botocore names them."""


def event(name: str) -> dict[str, Any]:
    """A recorded event of tests/support/events."""
    recorded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))["event"]
    return recorded


@dataclass
class FunctionContext:
    """What Lambda hands a handler, as far as handlers look."""

    seconds: float = 60.0
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:hook"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function would be ended."""
        return int(1000 * self.seconds)


@dataclass
class ReleaseWorld:
    """Everything about the release that a test may look at or change."""

    engine: Engine
    plan: dict[str, Any]
    old: str
    """ARN of the task definition that serves."""
    new: str
    """ARN of the one that is released."""
    deployment_id: str
    subnet: str
    secret: str
    metrics: BalancerMetrics = field(default_factory=BalancerMetrics)
    health: dict[str, list[str]] = field(default_factory=dict)
    answers: list[dict[str, str]] = field(default_factory=list)
    """What CodeDeploy was told."""
    calls: list[Call] = field(default_factory=list)
    before_call: Callable[[Call], None] = lambda _call: None
    after_call: Callable[[Call], None] = lambda _call: None
    service_deployment: dict[str, Any] = field(default_factory=dict)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)

    # --- what happens in the release

    def write_plan(self, **changes: Any) -> None:
        """Change fields of the plan, as a deploy does."""
        self.plan |= changes
        api("ssm").put_parameter(
            Name=f"/{PREFIX}/release/{SERVICE}", Value=json.dumps(self.plan), Type="String", Overwrite=True
        )

    def install(self, *, tasks: int = 2, healthy: bool = True) -> None:
        """The new version's tasks run."""
        if self.engine == "codedeploy":
            self._service.task_sets = [self._task_set("old", "PRIMARY"), self._task_set("new", "ACTIVE", tasks=tasks)]
        else:
            self.service_deployment["targetServiceRevision"] |= {"requestedTaskCount": 2, "runningTaskCount": tasks}
        self.run_tasks(self.new, tasks)
        self.health[self.plan["green_arn"]] = ["healthy" if healthy else "unhealthy"] * tasks

    def shift(self) -> None:
        """Users reach the new version alone."""
        if self.engine == "codedeploy":
            self._service.task_sets = [self._task_set("old", "ACTIVE"), self._task_set("new", "PRIMARY")]

    def release_what_serves(self) -> None:
        """The release is of what served before it: the second deployment of a rollback."""
        if self.engine == "codedeploy":
            deployment = self._codedeploy.deployments[self.deployment_id]
            deployment.revision = _revision(self.old)
        else:
            self.revisions[REVISION + "2"]["taskDefinition"] = self.old
        self.new = self.old

    def roll_back(self) -> None:
        """ECS has turned the deployment around."""
        self.service_deployment |= {
            "status": "ROLLBACK_IN_PROGRESS",
            "rollback": {"reason": "a hook failed", "serviceRevisionArn": REVISION + "1"},
        }

    def run_tasks(self, task_definition: str, count: int) -> list[Any]:
        """Start tasks of the service."""
        tasks: list[Any] = self._ecs.run_task(
            PREFIX, task_definition, count, None, "ecs-svc/1", [], "FARGATE", self._network, group=f"service:{SERVICE}"
        )
        for task in tasks:
            task.containers[0].imageDigest = task.containers[0].image.partition("@")[2]
        return tasks

    def one_off_tasks(self) -> list[Any]:
        """Tasks that do not belong to the service: migrations."""
        return [task for task in self._ecs.tasks.get(PREFIX, {}).values() if not task.group.startswith("service:")]

    def end_migration(self, exit_code: int | None) -> None:
        """The migration's container ends."""
        for task in self.one_off_tasks():
            task._status, task.desired_status = "STOPPED", "STOPPED"
            task.containers[0].exitCode = exit_code

    def advance(self, seconds: float) -> None:
        """Time passes."""
        clock._VIRTUAL_ORIGIN += seconds

    # --- calls of handlers

    def deliver(self, stage: str, *, execution: str = "1", seconds: float = 60.0) -> dict[str, Any]:
        """One look of the hook of `stage`. The answer in the workflow's words, whatever the engine."""
        from deployment_hooks import codedeploy, ecs

        with self.as_function(stage):
            if self.engine == "codedeploy":
                step = {
                    "function_arn": "f",
                    "deployment_id": self.deployment_id,
                    "hook_execution_id": f"{stage}-{execution}",
                }
                return codedeploy.handler({"step": step}, FunctionContext(seconds))  # type: ignore[arg-type]
            names: dict[str, str] = {ours: theirs for theirs, ours in ecs.STAGES.items()}
            sent = event("ecs_hook") | {"lifecycleStage": names[stage], "executionId": f"{stage}-{execution}"}
            answer = ecs.handler(sent, FunctionContext(seconds))  # type: ignore[arg-type]
        kept = self.entry(f"hook#{stage}#{stage}-{execution}")
        reason = kept.get("reason", kept.get("missing"))
        return {"status": answer["hookStatus"], "reason": reason, "wait_seconds": answer.get("callBackDelay")}

    @contextmanager
    def as_function(self, stage: str) -> Iterator[None]:
        """The process is the function of `stage`."""
        with patch.dict(os.environ, {"STAGE": stage}):
            settings.cache_clear()
            yield

    def entry(self, name: str) -> dict[str, Any]:
        """What the ledger holds under `name`, as DynamoDB's values without their types."""
        release = self.deployment_id if self.engine == "codedeploy" else SERVICE_DEPLOYMENT
        found = api("dynamodb").get_item(TableName=TABLE, Key={"release": {"S": release}, "entry": {"S": name}})
        return {key: next(iter(value.values())) for key, value in found.get("Item", {}).items()}

    # --- moto

    @property
    def _ecs(self) -> Any:
        return ecs_backends[ACCOUNT][REGION]

    @property
    def _codedeploy(self) -> Any:
        from moto.codedeploy.models import codedeploy_backends

        return codedeploy_backends[ACCOUNT][REGION]

    @property
    def _service(self) -> Any:
        return self._ecs.services[f"{PREFIX}:{SERVICE}"]

    @property
    def _network(self) -> dict[str, Any]:
        return {"awsvpcConfiguration": {"subnets": [self.subnet], "securityGroups": []}}

    def _task_set(self, version: Literal["old", "new"], status: str, *, tasks: int = 2) -> dict[str, Any]:
        new = version == "new"
        return {
            "id": f"ecs-svc/{version}",
            "externalId": self.deployment_id if new else "d-BEFORE123",
            "status": status,
            "taskDefinition": self.new if new else self.old,
            "loadBalancers": [{"targetGroupArn": self.plan["green_arn" if new else "blue_arn"]}],
            "computedDesiredCount": 2,
            "runningCount": tasks,
            "stabilityStatus": "STEADY_STATE" if tasks == 2 else "STABILIZING",
            "networkConfiguration": self._network,
        }

    def _start(self) -> None:
        self.health[self.plan["blue_arn"]] = ["healthy"] * 2
        self.run_tasks(self.old, 2)
        if self.engine == "codedeploy":
            self._service.task_sets = [self._task_set("old", "PRIMARY")]
            return
        blue, green = self.plan["blue_arn"], self.plan["green_arn"]
        self.service_deployment = {
            "serviceDeploymentArn": SERVICE_DEPLOYMENT,
            "serviceArn": self._service.arn,
            "status": "IN_PROGRESS",
            "sourceServiceRevisions": [{"arn": REVISION + "1", "requestedTaskCount": 2, "runningTaskCount": 2}],
            "targetServiceRevision": {"arn": REVISION + "2", "requestedTaskCount": 2, "runningTaskCount": 0},
        }
        for number, definition, group in (("1", self.old, blue), ("2", self.new, green)):
            self.revisions[REVISION + number] = {
                "serviceRevisionArn": REVISION + number,
                "taskDefinition": definition,
                "networkConfiguration": self._network,
                "resolvedConfiguration": {"loadBalancers": [{"targetGroupArn": group}]},
            }


@contextmanager
def release_world(engine: Engine, *, ca_bundle: Path | None = None, port: int = 8443) -> Iterator[ReleaseWorld]:
    """A release of `web` that has just begun: the old version serves with two tasks, nothing of the new one runs."""
    variables = {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "PREFIX": PREFIX,
        "LEDGER_TABLE": TABLE,
        "POLLING_STATE_MACHINE_ARN": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:polling",
        "POWERTOOLS_SERVICE_NAME": "hooks",
        "CA_BUNDLE": str(ca_bundle or "/nonexistent"),
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # more than a thousand, at each reset
    }
    before = clock._VIRTUAL_ORIGIN
    # Tasks of moto otherwise come closer to their end each time they are looked at.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})
    with patch.dict(os.environ, variables), mock_aws():
        for cached in (settings, trust.public_and_bundle, trust.bundle_alone):
            cached.cache_clear()
        world = _made(engine, port)
        with _answering(world), _recorded(world):
            try:
                yield world
            finally:
                clock._VIRTUAL_ORIGIN = before
                state_manager.unset_transition("ecs::task")


_WATCHED: list[ReleaseWorld] = []
"""The world of the moment. Clients outlive worlds, as making them takes longer than everything else."""


@contextmanager
def _recorded(world: ReleaseWorld) -> Iterator[None]:
    """Every call of the functions' clients passes by the world."""
    _WATCHED.append(world)
    _watch_clients()
    try:
        yield
    finally:
        _WATCHED.remove(world)


_SESSIONS: list[Any] = []
"""The one whose clients are watched; other tests make the functions forget theirs."""


def _watch_clients() -> None:
    if _SESSIONS == [aws._session()]:
        return

    def passing(event_name: str) -> Call:
        _, service, operation = event_name.split(".")[:3]
        return service, operation

    def before(event_name: str, **_rest: Any) -> None:
        for world in _WATCHED:
            world.calls.append(passing(event_name))
            world.before_call(passing(event_name))

    def after(event_name: str, **_rest: Any) -> None:
        for world in _WATCHED:
            world.after_call(passing(event_name))

    aws.forget_clients()
    session: Any = aws._session()
    session.register("before-call", before)
    session.register("after-call", after)
    _SESSIONS[:] = [session]


@cache
def api(service: str) -> Any:
    """Moto's `service`, past the functions' own clients."""
    return boto3.client(service, REGION)  # type: ignore[call-overload]


@contextmanager
def _answering(world: ReleaseWorld) -> Iterator[None]:
    """What moto lacks."""

    def service_deployments(self: Any) -> ActionResult:
        asked = self._get_param("serviceDeploymentArns")
        found = [world.service_deployment] if asked == [SERVICE_DEPLOYMENT] else []
        return ActionResult({"serviceDeployments": found, "failures": []})

    def service_revisions(self: Any) -> ActionResult:
        asked = self._get_param("serviceRevisionArns")
        return ActionResult({"serviceRevisions": [world.revisions[arn] for arn in asked], "failures": []})

    def run_task(self: Any) -> ActionResult:
        """ECS answers a repeated client token with the task that it made for the first."""
        token = self._get_param("clientToken")
        if token not in tasks_by_token:
            tasks_by_token[token] = moto_run_task(self)
        return tasks_by_token[token]

    moto_run_task = EC2ContainerServiceResponse.run_task
    tasks_by_token: dict[str, ActionResult] = {}

    def hook_status(self: Any) -> ActionResult:
        told = {name: self._get_param(name) for name in ("deploymentId", "lifecycleEventHookExecutionId", "status")}
        world.answers.append(told)
        return ActionResult({"lifecycleEventHookExecutionId": told["lifecycleEventHookExecutionId"]})

    def health(_self: Any, target_group_arn: str, _targets: Any) -> list[FakeHealthStatus]:
        states = world.health.get(target_group_arn, [])
        return [FakeHealthStatus(f"10.0.0.{index}", "8080", "8080", state) for index, state in enumerate(states)]

    def metric_data(_self: Any, **asked: Any) -> list[dict[str, Any]]:
        return world.metrics.get_metric_data(**asked)

    with (
        patch.object(EC2ContainerServiceResponse, "describe_service_deployments", service_deployments, create=True),
        patch.object(EC2ContainerServiceResponse, "describe_service_revisions", service_revisions, create=True),
        patch.object(EC2ContainerServiceResponse, "run_task", run_task),
        patch.object(CodeDeployResponse, "put_lifecycle_event_hook_execution_status", hook_status, create=True),
        patch.object(ELBv2Backend, "describe_target_health", health),
        patch.object(CloudWatchBackend, "get_metric_data", metric_data),
    ):
        yield


def _made(engine: Engine, port: int) -> ReleaseWorld:
    api("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "release", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("release", "entry")],
        BillingMode="PAY_PER_REQUEST",
    )
    ec2 = api("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})  # or moto's interfaces have no name
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ecs = api("ecs")
    ecs.create_cluster(clusterName=PREFIX)
    old, new = (register(digest) for digest in (OLD_DIGEST, NEW_DIGEST))
    controller: Any = {"type": "CODE_DEPLOY" if engine == "codedeploy" else "ECS"}
    network: Any = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    ecs.create_service(
        cluster=PREFIX,
        serviceName=SERVICE,
        taskDefinition=old,
        desiredCount=2,
        deploymentController=controller,
        networkConfiguration=network,
    )
    secret = api("secretsmanager").create_secret(Name="web", SecretString="s3cret")["ARN"]
    balancing = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:"
    groups = {name: f"{balancing}targetgroup/web-{name}/50dc6c495c0c918" for name in ("blue", "green")}
    world = ReleaseWorld(
        engine=engine,
        plan=default_plan(engine, groups, subnet, port),
        old=old,
        new=new,
        deployment_id=_deployment(new),
        subnet=subnet,
        secret=secret,
    )
    world.write_plan(secrets=[secret])
    world._start()
    return world


def register(digest: str, **environment: str) -> str:
    """A revision of web's task definition; its ARN."""
    registered = api("ecs").register_task_definition(
        family=SERVICE,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": SERVICE,
                "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/web@{digest}",
                "environment": [{"name": name, "value": value} for name, value in environment.items()],
                "memory": 512,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {"awslogs-group": "/shop/web", "awslogs-stream-prefix": "web", "awslogs-region": REGION},
                },
            }
        ],
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def _deployment(task_definition: str) -> str:
    codedeploy = api("codedeploy")
    codedeploy.create_application(applicationName=PREFIX, computePlatform="ECS")
    codedeploy.create_deployment_group(
        applicationName=PREFIX,
        deploymentGroupName=f"{PREFIX}-{SERVICE}",
        serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/codedeploy",
    )
    created = codedeploy.create_deployment(
        applicationName=PREFIX, deploymentGroupName=f"{PREFIX}-{SERVICE}", revision=_revision(task_definition)
    )
    return str(created["deploymentId"])


def _revision(task_definition: str) -> Any:
    properties = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": SERVICE, "ContainerPort": 8080},
    }
    content = {
        "version": "0.0",
        "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}],
    }
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}
