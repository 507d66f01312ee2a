"""A service with an old and a new version, in moto, and a deployment that a test moves on between two looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from killing import Killed, watched
from moto import mock_aws
from moto.ecs.models import ecs_backends
from moto.moto_api import state_manager
from moto.sns.models import sns_backends
from release_apis import ReleaseApis

from release_watch.handler import handler
from release_watch.models import settings
from shared import aws, clock
from shared.ledger import Ledger

ACCOUNT: Final = "123456789012"
REGION: Final = "us-west-2"
PREFIX: Final = "shop-prod"
TABLE: Final = "ledger"
TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
OLD: Final = "sha256:" + "0" * 64
NEW: Final = "sha256:" + "1" * 64
DEPLOYMENT: Final = "d-ABCDEF123"
ROLLBACK: Final = "d-ROLLBACK1"
SERVICE_ARN: Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{PREFIX}/web"
SERVICE_DEPLOYMENT: Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service-deployment/{PREFIX}/web/abc"
REVISION: Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service-revision/{PREFIX}/web/"
MOST_LOOKS: Final = 60

Step = Callable[[], None]


@dataclass
class Stage:
    """What stands in AWS, and what happens to it."""

    monkeypatch: pytest.MonkeyPatch
    apis: ReleaseApis
    engine: str = "codedeploy"
    strategy: str = "canary"
    plan: dict[str, Any] = field(default_factory=dict)
    began: float = 0.0
    task_sets: dict[str, Any] = field(default_factory=dict)
    """moto's, by version."""

    # --- time

    @property
    def now(self) -> float:
        """Of the handlers' clock, in epoch seconds."""
        return clock.epoch()

    def pass_time(self, seconds: float) -> None:
        """Move the handlers' clock on."""
        self.monkeypatch.setattr(clock, "_VIRTUAL_ORIGIN", clock._VIRTUAL_ORIGIN + seconds)

    # --- what stands

    def build(self, **plan: object) -> Stage:
        """The service with its old version, before the release."""
        # The same part of a minute each time: how often a watch looks depends on when the minute's numbers come.
        self.pass_time(-self.now % 60 + 1)
        self._aws()
        self.old, self.new = self._task_definition(OLD), self._task_definition(NEW)
        self.blue, self.green = self._target_groups()
        self._service()
        self.plan = self._plan() | plan
        if self.plan.get("migration"):
            self.plan["migration"] = {
                **self.plan["migration"],
                "subnets": [self.subnet],
                "security_groups": [self.group],
            }
        aws.client("ssm").put_parameter(Name=f"/{PREFIX}/release/web", Type="String", Value=json.dumps(self.plan))
        self.began = self.now
        return self

    def _aws(self) -> None:
        dynamodb: Any = aws.client("dynamodb")
        keys = [("release", "HASH"), ("entry", "RANGE")]
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )
        aws.client("sns").create_topic(Name="alarms")
        aws.client("ecs").create_cluster(clusterName=PREFIX)

    def _task_definition(self, digest: str) -> str:
        image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web@{digest}"
        return aws.client("ecs").register_task_definition(
            family=f"{PREFIX}-web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "web", "image": image, "memory": 64}],
        )["taskDefinition"]["taskDefinitionArn"]

    def _target_groups(self) -> tuple[str, str]:
        vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        # moto's network interfaces have no name otherwise, and its tasks ask for it.
        aws.client("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        subnet = aws.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]
        self.subnet = subnet["SubnetId"]
        self.group = aws.client("ec2").create_security_group(GroupName="x", Description="x", VpcId=vpc)["GroupId"]
        arns = []
        for name in ("blue", "green"):
            group = aws.client("elbv2").create_target_group(
                Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
            )["TargetGroups"][0]["TargetGroupArn"]
            targets: Any = [{"Id": f"10.0.0.{index}", "Port": 8080} for index in (4, 5)]
            aws.client("elbv2").register_targets(TargetGroupArn=group, Targets=targets)
            arns.append(group)
        return arns[0], arns[1]

    def _service(self) -> None:
        controller: Any = {"type": "CODE_DEPLOY" if self.engine == "codedeploy" else "ECS"}
        task_definition: Any = {} if self.engine == "codedeploy" else {"taskDefinition": self.old}
        aws.client("ecs").create_service(
            cluster=PREFIX, serviceName="web", desiredCount=2, deploymentController=controller, **task_definition
        )
        if self.engine == "codedeploy":
            self.add_task_set("old", self.old, self.blue, "PRIMARY", "d-EARLIER")
        else:
            self._ecs_runs(self.old, 2)

    @property
    def service(self) -> Any:
        """Moto's own object."""
        return ecs_backends[ACCOUNT][REGION].services[f"{PREFIX}:web"]

    def add_task_set(self, name: str, task_definition: str, group: str, status: str, deployment: str) -> None:
        """As CodeDeploy does: it writes its deployment's id into it."""
        balancers: Any = [{"targetGroupArn": group, "containerName": "web", "containerPort": 8080}]
        made = aws.client("ecs").create_task_set(
            cluster=PREFIX,
            service="web",
            taskDefinition=task_definition,
            launchType="FARGATE",
            externalId=deployment,
            loadBalancers=balancers,
        )["taskSet"]["taskSetArn"]
        found = next(one for one in self.service.task_sets if one.task_set_arn == made)
        found.status, found.computed_desired_count, found.running_count = status, 2, 2
        self.task_sets[name] = found

    def _ecs_runs(self, task_definition: str, running: int, group: str | None = None) -> None:
        numbers = {"desiredCount": 2, "runningCount": running}
        self.service.deployments[0] |= {"status": "PRIMARY", "taskDefinition": task_definition, **numbers}
        revision = f"{REVISION}serving"
        self.service.current_service_revisions = [{"arn": revision}]
        self.apis.revisions[revision] = self._revision(revision, task_definition, group or self.blue)

    def _revision(self, arn: str, task_definition: str, group: str) -> dict[str, Any]:
        return {
            "serviceRevisionArn": arn,
            "taskDefinition": task_definition,
            "resolvedConfiguration": {"loadBalancers": [{"targetGroupArn": group}]},
        }

    def _plan(self) -> dict[str, Any]:
        return {
            "service": "web",
            "engine": self.engine,
            "strategy": self.strategy,
            "active_region": REGION,
            "cluster": PREFIX,
            "ecs_service": "web",
            "container": "web",
            "load_balancer": "app/shop/1",
            "blue": self.blue.rsplit(":", 1)[-1],
            "green": self.green.rsplit(":", 1)[-1] if self.strategy != "rolling" else None,
            "blue_arn": self.blue,
            "green_arn": self.green if self.strategy != "rolling" else None,
            "test": {"host": "localhost", "port": 8443, "server_name": "shop.example.com"},
            "comparison": {
                "confidence_percent": 99,
                "more_errors_percent": 0.1,
                "slower_percent": 25,
                "least_requests": 200,
                "too_little_data": "synthetic",
                "synthetic_requests": 200,
            },
            "timeouts_seconds": {
                "before_install": 75,
                "after_install": 10,
                "test_traffic": 20,
                "before_traffic": 5,
                "after_traffic": 20,
                "install": 100,
                "total": 400,
            },
            "desired_tasks": 2,
            "window_seconds": 120,
            "metric_period_seconds": 60,
            "metric_delay_seconds": 60,
            "alarms": [],
        }

    # --- CodeDeploy

    def start(self, *, task_definition: str | None = None) -> None:
        """CodeDeploy makes the deployment, and the new version's task set."""
        target = task_definition or self.new
        self.apis.deployments[DEPLOYMENT] = self._deployment(DEPLOYMENT, target, "user")
        self.apis.targets[DEPLOYMENT] = {"lifecycleEvents": []}
        self.event("Install")
        self.add_task_set("new", target, self.green, "ACTIVE", DEPLOYMENT)

    def _deployment(self, name: str, task_definition: str, creator: str) -> dict[str, Any]:
        properties = {"TaskDefinition": task_definition}
        app_spec = {"Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}]}
        return {
            "applicationName": PREFIX,
            "deploymentGroupName": f"{PREFIX}-web",
            "deploymentId": name,
            "status": "InProgress",
            "creator": creator,
            "createTime": self._moment(),
            "startTime": self._moment(),
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(app_spec)}},
        }

    def event(self, name: str) -> None:
        """A life-cycle event begins, and the one before it ends."""
        events = self.apis.targets[DEPLOYMENT]["lifecycleEvents"]
        if events:
            events[-1] |= {"endTime": self._moment(), "status": "Succeeded"}
        events.append({"lifecycleEventName": name, "startTime": self._moment(), "status": "InProgress"})

    def shift(self) -> None:
        """Users reach the new version from now on."""
        self.event("Install")
        self.event("AllowTraffic")

    def succeed(self) -> None:
        """The new version is PRIMARY, the old one gone."""
        self.task_sets["new"].status = "PRIMARY"
        self.service.task_sets.remove(self.task_sets["old"])
        self.apis.deployments[DEPLOYMENT] |= {"status": "Succeeded", "completeTime": self._moment()}

    def fail(
        self, code: str = "HOOK_EXECUTION_FAILURE", message: str = "a hook failed", status: str = "Failed"
    ) -> None:
        """CodeDeploy gives up; its rollback has not begun."""
        self.apis.deployments[DEPLOYMENT] |= {
            "status": status,
            "completeTime": self._moment(),
            "errorInformation": {"code": code, "message": message},
        }

    def begin_rollback(self) -> None:
        """CodeDeploy begins it, by a deployment of its own."""
        self.apis.deployments[ROLLBACK] = self._deployment(ROLLBACK, self.old, "codeDeployRollback")
        self.apis.deployments[DEPLOYMENT]["rollbackInfo"] = {"rollbackDeploymentId": ROLLBACK}

    def end_rollback(self, status: str = "Succeeded") -> None:
        """It ends; the new version's task set goes if it went well."""
        self.apis.deployments[ROLLBACK] |= {"status": status, "completeTime": self._moment()}
        if status == "Succeeded":
            self.service.task_sets.remove(self.task_sets["new"])
        else:
            self.task_sets["old"].running_count = 0

    def stop_when_asked(self) -> None:
        """What CodeDeploy does upon StopDeployment, at the look after it."""
        assert [{"deploymentId": DEPLOYMENT, "autoRollbackEnabled": True}] == self.apis.stops
        self.fail("MANUAL_STOP", "stopped", "Stopped")

    # --- ECS

    def start_ecs(self, *, task_definition: str | None = None) -> None:
        """ECS makes a service deployment."""
        for name, definition, group in (
            ("old", self.old, self.blue),
            ("new", task_definition or self.new, self.green if self.strategy != "rolling" else self.blue),
        ):
            self.apis.revisions[REVISION + name] = self._revision(REVISION + name, definition, group)
        self.apis.service_deployments[SERVICE_DEPLOYMENT] = {
            "serviceDeploymentArn": SERVICE_DEPLOYMENT,
            "serviceArn": SERVICE_ARN,
            "createdAt": self._moment(),
            "status": "IN_PROGRESS",
            "sourceServiceRevisions": [{"arn": REVISION + "old", "runningTaskCount": 2}],
            "targetServiceRevision": {"arn": REVISION + "new"},
        }

    def end_ecs(self, status: str, **others: object) -> None:
        """It ends, the old version serving unless it is SUCCESSFUL; of ROLLBACK_FAILED nobody knows."""
        well = status in ("SUCCESSFUL", "ROLLBACK_SUCCESSFUL")
        serving = self.new if status == "SUCCESSFUL" else self.old
        self._ecs_runs(serving, 2 if well else 0)
        self.apis.service_deployments[SERVICE_DEPLOYMENT] |= {
            "status": status,
            "finishedAt": self._moment(),
            **others,
        }

    # --- what happens around it

    @property
    def ledger(self) -> Ledger:
        """The function's."""
        return Ledger(TABLE)

    def hook(self, stage: str, verdict: str, reason: str, release: str = DEPLOYMENT) -> None:
        """A hook has written into the ledger."""
        self.ledger.put_once(release, f"hook#{stage}#1", {"started_at": self.now, "verdict": verdict, "reason": reason})

    def requests(self, group: str, requests: int, failures: int) -> None:
        """The load balancer has answered some in this minute."""
        dimensions: Any = [
            {"Name": "LoadBalancer", "Value": "app/shop/1"},
            {"Name": "TargetGroup", "Value": group.rsplit(":", 1)[-1]},
        ]
        data: Any = [
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": self._moment()}
            for name, value in (("RequestCount", requests), ("HTTPCode_Target_5XX_Count", failures))
        ]
        aws.client("cloudwatch").put_metric_data(Namespace="AWS/ApplicationELB", MetricData=data)

    def alarm(self, name: str, state: str) -> None:
        """An alarm is in `state`."""
        cloudwatch = aws.client("cloudwatch")
        if not cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                MetricName="x",
                Namespace="x",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
                Statistic="Sum",
            )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")  # type: ignore[arg-type]

    def task_ends(self, code: int) -> None:
        """Every one-off task that runs comes to its end."""
        for task in ecs_backends[ACCOUNT][REGION].tasks[PREFIX].values():
            task.last_status = task.desired_status = "STOPPED"
            # What the serializer takes, whatever moto's own class has.
            task.containers = [{"name": "web", "exitCode": code}]  # type: ignore[list-item]

    # --- looking

    @property
    def request(self) -> dict[str, Any]:
        """What the workflow sends."""
        watch = {"engine": self.engine, "deployment_id": DEPLOYMENT}
        if self.engine == "ecs":
            watch |= {"deployment_id": "ecs-svc/123", "service_arn": SERVICE_ARN}
        return {"watch": watch}

    def look(self) -> Mapping[str, Any]:
        """One look, which does not die."""
        return handler(self.request, object())

    def follow(self, steps: Sequence[Step], kill_at: int | None = None, *, after: bool = False) -> Mapping[str, Any]:
        """Look until the watch is over, with a step of `steps` before each look. Dies once, at one of its calls."""
        left = list(steps)
        with watched(kill_at, after=after) as calls:
            for _ in range(MOST_LOOKS):
                if left:
                    calls.others = True
                    left.pop(0)()
                    calls.others = False
                try:
                    answer = self.look()
                except Killed:
                    continue
                if answer["status"] != "IN_PROGRESS":
                    self.calls = list(calls.made)
                    return answer
                self.pass_time(answer["wait_seconds"])
        raise AssertionError(f"still {answer} after {MOST_LOOKS} looks")

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Subject and body of each that was sent."""
        topic = sns_backends[ACCOUNT][REGION].topics[TOPIC]
        return [(subject or "", body) for _, body, subject, *_ in topic.sent_notifications]

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)


@contextmanager
def staged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An account in moto with what moto lacks, in which one-off tasks run until a test ends them. Not yet built."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**6})
    try:
        with mock_aws(), monkeypatch.context() as patches:
            yield Stage(patches, ReleaseApis().install(patches))
    finally:
        state_manager.unset_transition("ecs::task")


def set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function's variables."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "APPLICATION": "shop",
        "ENVIRONMENT": "prod",
        "PREFIX": PREFIX,
        "LEDGER_TABLE": TABLE,
        "TOPIC_ARN": TOPIC,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    settings.cache_clear()
    aws.forget_clients()
