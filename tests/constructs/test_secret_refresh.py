"""Who refreshes services: what is made, what it may do, and what its executions are told."""

from __future__ import annotations

import io
import json
import time
import zipfile
from functools import cache
from typing import Any

import boto3
import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from moto import mock_aws
from moto.awslambda_simple.models import lambda_simple_backends
from template import ROOT, Template, actions, only, properties, resources, synthesize

from spec import Deployment, load
from understudy.keys import Keys
from understudy.release_control import ReleaseControl
from understudy.removal import removal_policy
from understudy.secret_refresh import RetiredSecret, SecretRefresh
from understudy.secret_refresh_workflow import SCHEDULED, refresh_workflow
from understudy.service_environment import Backends

REGION, ACCOUNT = "us-west-2", "123456789012"
STOREFRONT = load(ROOT / "apps" / "storefront.yaml").for_environment("prod")
PREFIX = STOREFRONT.prefix
NOTHING = Backends(
    database=None, cache=None, queue=None, data_bucket=None, files=None, application_secrets={}, repositories={}
)
DATABASE = RetiredSecret("arn:secret:database", "database", "arn:function:database", ["web", "api"])
ADMINISTRATOR = RetiredSecret("arn:secret:administrator", "administrator", "arn:function:database", [])


def test_S5_the_state_machine_has_the_name_that_rotations_start(deployment: Deployment) -> None:
    """They are made before it."""
    machine = only(_refresh(deployment), "AWS::StepFunctions::StateMachine")
    assert f"{PREFIX}-secret-refresh" == machine["StateMachineName"]


def test_S5_who_uses_what_and_who_goes_first(deployment: Deployment) -> None:
    """The service web calls api, and shall move after mail; a secret that no service starts with is there to be retired."""
    uses = json.loads(only(_refresh(deployment), "AWS::SSM::Parameter")["Value"])
    assert [
        {"arn": "arn:secret:database", "name": "database", "function": "arn:function:database"},
        {"arn": "arn:secret:administrator", "name": "administrator", "function": "arn:function:database"},
    ] == uses["secrets"]
    assert [
        {"name": "web", "engine": "codedeploy", "secrets": ["database"], "after": ["mail", "api"]},
        {"name": "api", "engine": "ecs", "secrets": ["database"], "after": []},
        {"name": "mail", "engine": "ecs", "secrets": [], "after": []},
    ] == uses["services"]


def test_S7_it_reads_no_secret_and_deploys_what_is_named(deployment: Deployment) -> None:
    """By engine: services of ECS one by one, and CodeDeploy's groups of this environment."""
    allowed = _allowed(_refresh(deployment))
    assert ["arn:secret:database", "arn:secret:administrator"] == allowed["secretsmanager:DescribeSecret"]
    assert not {action for action in allowed if action.startswith("secretsmanager:Get")}
    assert ["arn:function:database"] == allowed["lambda:InvokeFunction"]
    services = [f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{PREFIX}/{name}" for name in ("api", "mail")]
    assert services == [_plain(arn) for arn in allowed["ecs:UpdateService"]]
    groups = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{PREFIX}/{PREFIX}-*"
    assert [groups] == [_plain(arn) for arn in allowed["codedeploy:CreateDeployment"]]


@pytest.mark.parametrize(("engine", "other"), [("ecs", "codedeploy:"), ("codedeploy", "ecs:UpdateService")])
def test_S7_it_may_ask_the_engines_that_are_there(engine: str, other: str) -> None:
    """And no other."""
    template = _refresh(_deployment(dict.fromkeys(("web", "api", "mail"), engine)))
    assert not [action for action in _allowed(template) if action.startswith(other)]


def test_S5_the_clock_starts_it_every_hour(deployment: Deployment) -> None:
    """By a role for that alone; it rings if that fails, and if an execution does."""
    template = _refresh(deployment)
    (rule,) = [each for each in properties(template, "AWS::Events::Rule") if "ScheduleExpression" in each]
    assert "rate(1 hour)" == rule["ScheduleExpression"]
    (target,) = rule["Targets"]
    assert SCHEDULED == json.loads(target["Input"])
    (machine,) = (
        name for name, each in template["Resources"].items() if each["Type"] == "AWS::StepFunctions::StateMachine"
    )
    assert {"Ref": machine} == target["Arn"] or machine in json.dumps(target["Arn"])
    names = {alarm["AlarmName"] for alarm in properties(template, "AWS::CloudWatch::Alarm")}
    assert {f"{PREFIX}-secret-refresh-{what}-warning" for what in ("not-started", "unfinished", "errors")} <= names


def test_S5_an_execution_outlasts_the_slowest_chain(deployment: Deployment) -> None:
    """A release may be under way when it comes to a service; more than a day makes no sense."""
    alone = _machine(_refresh(_deployment({"mail": "ecs"})))["TimeoutSeconds"]
    chained = _machine(_refresh(deployment))["TimeoutSeconds"]
    assert 3600 < alone < chained <= 24 * 3600


@pytest.mark.parametrize(
    ("given", "scheduled"), [({}, False), ({"scheduled": False}, False), ({"secret": "x"}, False), (SCHEDULED, True)]
)
def test_S5_the_function_hears_who_asks(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], *, scheduled: bool
) -> None:
    """The execution's name says whether a rotation started it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(config={"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}):
        status, output = _run(given, [{"status": "IN_PROGRESS", "wait_seconds": 0}, {"status": "SUCCEEDED"}])
    assert ("SUCCEEDED", {"refresh": "rotated-x", "scheduled": scheduled}) == (status, output["request"])


def test_S5_a_refresh_that_failed_is_an_execution_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that its alarm rings."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(config={"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}):
        status, _ = _run({}, [{"status": "FAILED", "wait_seconds": 5, "reason": "web still runs with old secrets"}])
    assert "FAILED" == status


@pytest.fixture
def deployment() -> Deployment:
    """Three services by both engines."""
    return _deployment({"web": "codedeploy", "api": "ecs", "mail": "ecs"})


def _deployment(engines: dict[str, str]) -> Deployment:
    """The storefront with these services."""
    web = STOREFRONT.services["web"]

    def service(name: str, engine: str) -> Any:
        after = ("mail",) if name == "web" and "mail" in engines else ()
        release = web.release.model_copy(update={"engine": engine, "after": after})
        calls = ("api", "database") if name == "web" and "api" in engines else ("database",)
        return web.model_copy(update={"release": release, "migration": None, "secrets": (), "dependencies": calls})

    services = {name: service(name, engine) for name, engine in engines.items()}
    return STOREFRONT.model_copy(update={"services": services})


def _refresh(deployment: Deployment) -> Template:
    return _synthesized(deployment.model_dump_json())


@cache
def _synthesized(dumped: str) -> Template:
    deployment = Deployment.model_validate_json(dumped)

    def build(stack: Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["us-west-2a"],
            private_subnet_ids=["subnet-1"],
            private_subnet_route_table_ids=["rtb-1"],
        )
        control = ReleaseControl(
            stack,
            "Release",
            deployment=deployment,
            vpc=vpc,
            hook_security_group=None,
            keys=Keys(
                stack,
                "Keys",
                prefix=deployment.prefix,
                rotation_days=90,
                removal_policy=removal_policy(deployment.protection),
            ),
            topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
            backends=NOTHING,
        )
        SecretRefresh(stack, "SecretRefresh", settings=control.settings, secrets=[DATABASE, ADMINISTRATOR])

    template = synthesize(build)
    # What belongs to releases alone is another test's.
    kept = {
        name: each
        for name, each in template["Resources"].items()
        if name.startswith(("SecretRefresh", "ReleaseAlarms"))
    }
    return {"Resources": kept}


def _allowed(template: Template) -> dict[str, list[Any]]:
    """Resources by action, of the function."""
    (policy,) = [
        each
        for each in properties(template, "AWS::IAM::ManagedPolicy")
        if "ssm:GetParameter" in json.dumps(each["PolicyDocument"])
    ]
    found: dict[str, list[Any]] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        resource = statement["Resource"]
        for action in actions(statement):
            found.setdefault(action, []).extend(resource if isinstance(resource, list) else [resource])
    return found


def _plain(arn: Any) -> str:
    """With the partition filled in."""
    if isinstance(arn, str):
        return arn
    _, parts = arn["Fn::Join"]
    return "".join("aws" if isinstance(part, dict) else part for part in parts)


def _machine(template: Template) -> dict[str, Any]:
    """Its definition, whatever ARNs are in it."""
    (machine,) = resources(template, "AWS::StepFunctions::StateMachine")
    definition = machine["Properties"]["DefinitionString"]
    text = (
        definition
        if isinstance(definition, str)
        else "".join(part if isinstance(part, str) else "arn" for part in definition["Fn::Join"][1])
    )
    found: dict[str, Any] = json.loads(text)
    return found


def _run(given: dict[str, Any], answers: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """How an execution of the name `rotated-x` ends, and its output."""
    role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("handler.py", "")
    function = boto3.client("lambda", region_name=REGION).create_function(
        FunctionName="refresh", Runtime="python3.13", Role=role, Handler="x.y", Code={"ZipFile": archive.getvalue()}
    )
    (account,) = lambda_simple_backends
    lambda_simple_backends[account][REGION].lambda_simple_results_queue = [json.dumps(answer) for answer in answers]
    states = boto3.client("stepfunctions", region_name=REGION)
    machine = states.create_state_machine(
        name="refresh",
        definition=json.dumps(refresh_workflow(function["FunctionArn"], limit_seconds=60)),
        roleArn=role,
    )
    execution = states.start_execution(
        stateMachineArn=machine["stateMachineArn"], name="rotated-x", input=json.dumps(given)
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = states.describe_execution(executionArn=execution["executionArn"])
        if found["status"] != "RUNNING":
            return found["status"], json.loads(found.get("output") or "{}")
        time.sleep(0.02)
    raise TimeoutError("the workflow did not end")
