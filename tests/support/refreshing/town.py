"""Several services with their tasks and secrets, in moto, whose secrets a test rotates while refreshes look at them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from killing import Killed, watched
from moto import mock_aws
from moto.awslambda.responses import LambdaResponse
from moto.ecs.models import ecs_backends
from moto.moto_api import state_manager
from moto.sns.models import sns_backends
from refreshing.engines import Engines
from release_plan import default_plan

from secret_refresh.handler import handler
from secret_refresh.models import settings
from shared import aws, clock
from shared.ledger import Ledger
from shared.secret_versions import Versions

ACCOUNT: Final = "123456789012"
REGION: Final = "us-west-2"
PREFIX: Final = "shop-prod"
TABLE: Final = "ledger"
TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
MOST_LOOKS: Final = 400
DIGEST: Final = f"sha256:{'a' * 64}"


@dataclass(frozen=True)
class Spec:
    """A service, as a test wants it."""

    engine: str = "ecs"
    secrets: tuple[str, ...] = ("database",)
    after: tuple[str, ...] = ()
    tasks: int = 2


@dataclass
class Town:
    """What stands in AWS, and what happens to it."""

    monkeypatch: pytest.MonkeyPatch
    specs: Mapping[str, Spec]
    secrets: dict[str, str] = field(default_factory=dict)
    """ARNs by name."""
    retired: list[str] = field(default_factory=list)
    """Names of secrets, by each call that made old logins invalid."""
    retire_answers: dict[str, list[Any]] = field(default_factory=dict)
    """What rotation functions answer first; an exception's name and text for an error."""
    network: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """With engines that deploy its services."""
        self.engines = Engines(self.replace_tasks, PREFIX)

    # --- time

    def pass_time(self, seconds: float) -> None:
        """Move the handlers' clock on."""
        self.monkeypatch.setattr(clock, "_VIRTUAL_ORIGIN", clock._VIRTUAL_ORIGIN + seconds)
        self.engines.pass_time()

    # --- what stands

    def build(self) -> Town:
        """Every service runs, every secret has its first version."""
        dynamodb: Any = aws.client("dynamodb")
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "release", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("release", "entry")],
        )
        aws.client("sns").create_topic(Name="alarms")
        aws.client("ecs").create_cluster(clusterName=PREFIX)
        self._network()
        for name in dict.fromkeys(secret for spec in self.specs.values() for secret in spec.secrets):
            made = aws.client("secretsmanager").create_secret(Name=name, SecretString="{}")
            self.secrets[name] = made["ARN"]
        # moto dates them by real time, which the handlers' may not lie behind.
        self.pass_time(600)
        for name, spec in self.specs.items():
            self._service(name, spec)
        self._parameters()
        self.engines.install(self.monkeypatch)
        self._functions()
        self.pass_time(3600)
        return self

    def _network(self) -> None:
        vpc = aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        aws.client("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        subnet = aws.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}

    def _service(self, name: str, spec: Spec) -> None:
        ecs: Any = aws.client("ecs")
        definition = self.register(name)
        by_codedeploy = spec.engine == "codedeploy"
        ecs.create_service(
            cluster=PREFIX,
            serviceName=name,
            desiredCount=spec.tasks,
            deploymentController={"type": "CODE_DEPLOY" if by_codedeploy else "ECS"},
            **({} if by_codedeploy else {"taskDefinition": definition}),
        )
        self.run(name, spec.tasks)
        if by_codedeploy:
            released = self.engines.begin(name)
            properties = {"TaskDefinition": definition, "LoadBalancerInfo": {"ContainerName": name}}
            released.content = json.dumps(
                {"Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}]}
            )
            released.ended = released.began
            self.service(name).task_sets = [
                {"externalId": released.id, "status": "PRIMARY", "taskDefinition": definition}
            ]

    def register(self, name: str) -> str:
        """A revision of the service's task definition; its ARN."""
        registered: Any = aws.client("ecs").register_task_definition(
            family=f"{PREFIX}-{name}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": name, "image": f"image@{DIGEST}", "memory": 64}],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def _parameters(self) -> None:
        function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate-"
        uses = {
            "secrets": [{"arn": arn, "name": name, "function": function + name} for name, arn in self.secrets.items()],
            "services": [
                {"name": name, "engine": spec.engine, "secrets": spec.secrets, "after": spec.after}
                for name, spec in self.specs.items()
            ],
        }
        put = aws.client("ssm").put_parameter
        put(Name=f"/{PREFIX}/secret-refresh", Type="String", Value=json.dumps(uses))
        for name in self.specs:
            self.write_plan(name)

    def write_plan(self, name: str, **changes: object) -> None:
        """The plan of the service's releases."""
        groups = {colour: f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:x/{colour}" for colour in ("blue", "green")}
        plan = default_plan("ecs", groups, "subnet-1", 8443) | {"service": name, **changes}
        aws.client("ssm").put_parameter(
            Name=f"/{PREFIX}/release/{name}", Type="String", Value=json.dumps(plan), Overwrite=True
        )

    def _functions(self) -> None:
        def invoke(response: Any) -> tuple[int, dict[str, str], str]:
            body = json.loads(response.body)
            assert "retire" == body["Step"]
            name = next(name for name, arn in self.secrets.items() if arn == body["SecretId"])
            assert f"rotate-{name}" in response.path
            answers = self.retire_answers.get(name)
            answer = answers.pop(0) if answers else {"status": "SUCCEEDED"}
            if "refused" in answer:
                return 429, {"x-amzn-errortype": answer["refused"], "status": "429"}, "{}"
            if "errorType" in answer:
                return 200, {"x-amz-function-error": "Unhandled"}, json.dumps(answer)
            if answer["status"] == "SUCCEEDED":
                assert [] == self.laggards(name), f"{name} is retired while tasks hold it"
                self.retired.append(name)
            return 200, {}, json.dumps(answer)

        self.monkeypatch.setattr(LambdaResponse, "invoke", invoke)

    # --- tasks

    def service(self, name: str) -> Any:
        """Moto's own object."""
        return ecs_backends[ACCOUNT][REGION].services[f"{PREFIX}:{name}"]

    def tasks(self, name: str) -> list[Any]:
        """Those that run."""
        everything = ecs_backends[ACCOUNT][REGION].tasks.get(PREFIX, {}).values()
        return [task for task in everything if task.group == f"service:{name}" and task.last_status != "STOPPED"]

    def run(self, name: str, count: int, group: str | None = None) -> list[Any]:
        """Start tasks."""
        started: list[Any] = ecs_backends[ACCOUNT][REGION].run_task(
            PREFIX,
            f"{PREFIX}-{name}",
            count,
            None,
            "",
            [],
            "FARGATE",
            self.network,
            group=group or f"service:{name}",
        )
        for task in started:
            task.created_at = datetime.fromtimestamp(clock.epoch(), UTC)
        return started

    def replace_tasks(self, name: str) -> None:
        """As a deployment does."""
        old = self.tasks(name)
        self.run(name, len(old))
        for task in old:
            task.last_status = task.desired_status = "STOPPED"

    # --- secrets

    def rotate(self, *names: str) -> None:
        """As the rotation functions end it: a new current version, with its label."""
        for name in names:
            versions = Versions.read(self.secrets[name])
            token = f"{name}-{clock.epoch():.0f}".ljust(36, "x")
            versions.put_pending(token, {"token": token})
            Versions.read(versions.arn).make_current(token)
            Versions.read(versions.arn).mark_current(token)
            Versions.read(versions.arn).detach("AWSPENDING", token)

    def laggards(self, name: str) -> list[str]:
        """Services whose tasks hold an old value of the secret."""
        since = Versions.read(self.secrets[name]).since()
        return [
            service
            for service, spec in self.specs.items()
            if name in spec.secrets and any(task.created_at.timestamp() <= since for task in self.tasks(service))
        ]

    def alarm(self, name: str, state: str) -> None:
        """An alarm is in `state`."""
        cloudwatch: Any = aws.client("cloudwatch")
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
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    # --- looking

    def look(self, name: str = "rotated-1", *, scheduled: bool = False) -> Mapping[str, Any]:
        """One look of one execution."""
        return handler({"request": {"refresh": name, "scheduled": scheduled}}, object())

    def follow(
        self,
        *names: str,
        scheduled: bool = False,
        kill_at: int | None = None,
        after: bool = False,
    ) -> dict[str, Mapping[str, Any]]:
        """Executions side by side until all have ended; their answers. One dies once, at one of all calls."""
        ended: dict[str, Mapping[str, Any]] = {}
        executions = names or ("rotated-1",)
        with watched(kill_at, after=after) as calls:
            for _ in range(MOST_LOOKS):
                waits = []
                for name in executions:
                    if name in ended:
                        continue
                    try:
                        answer = self.look(name, scheduled=scheduled)
                    except Killed:
                        waits.append(1)
                        continue
                    assert "this look failed" not in answer["reason"], answer
                    if answer["status"] == "IN_PROGRESS":
                        waits.append(answer["wait_seconds"])
                    else:
                        ended[name] = answer
                if len(ended) == len(executions):
                    self.calls = list(calls.made)
                    return ended
                calls.others = True
                self.pass_time(min(waits))
                calls.others = False
        raise AssertionError(f"still {answer} after {MOST_LOOKS} looks")

    @property
    def ledger(self) -> Ledger:
        """The functions'."""
        return Ledger(TABLE)

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Subject and body of each that was sent."""
        topic = sns_backends[ACCOUNT][REGION].topics[TOPIC]
        return [(subject or "", body) for _, body, subject, *_ in topic.sent_notifications]


@contextmanager
def town(monkeypatch: pytest.MonkeyPatch, specs: Mapping[str, Spec]) -> Iterator[Town]:
    """One in an account of its own, built."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**6})
    try:
        with mock_aws(config={"lambda": {"use_docker": False}}), monkeypatch.context() as patches:
            variables(patches)
            # Time stands still, however slow the machine is, until a test lets it pass.
            patches.setattr(clock, "_VIRTUAL_ORIGIN", clock.epoch())
            patches.setattr(clock, "SPEED", 0.0)
            yield Town(patches, specs).build()
    finally:
        state_manager.unset_transition("ecs::task")


def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function's."""
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
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    settings.cache_clear()
