"""The workflows of releases, in moto's interpreter of the Amazon States Language."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from handler_settings import handler_settings
from moto import mock_aws
from moto.awslambda_simple.models import lambda_simple_backends
from template import Template, actions, only, properties, synthesize

from understudy.polling_workflow import PollingWorkflow
from understudy.release_workflows import STATUS, hook_workflow, watch_workflow
from understudy.statement import Statement

REGION = "us-west-2"
ACCOUNT = "123456789012"
PENDING = {"status": "IN_PROGRESS", "wait_seconds": 0, "reason": "not yet"}
DONE = {"status": "SUCCEEDED", "wait_seconds": 0, "reason": "all is well"}
BAD = {"status": "FAILED", "wait_seconds": 0, "reason": "a red alarm"}
CODEDEPLOY_EVENT = {"source": "aws.codedeploy", "detail": {"deploymentId": "d-ABCDEFGH1"}}
ECS_EVENT = {
    "source": "aws.ecs",
    "resources": ["arn:aws:ecs:us-west-2:123456789012:service/shop-prod/web"],
    "detail": {"deploymentId": "ecs-svc/1234567890123456789"},
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account whose functions answer what they were told to."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(config={"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}):
        yield


def run(answers: Sequence[object], event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """How a watch of `event` ends whose function gives `answers` one after the other, and its output."""
    role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("handler.py", "")
    function = boto3.client("lambda", region_name=REGION).create_function(
        FunctionName="watch", Runtime="python3.13", Role=role, Handler="x.y", Code={"ZipFile": archive.getvalue()}
    )
    (account,) = lambda_simple_backends
    lambda_simple_backends[account][REGION].lambda_simple_results_queue = [json.dumps(answer) for answer in answers]
    states = boto3.client("stepfunctions", region_name=REGION)
    machine = states.create_state_machine(
        name="watch",
        definition=json.dumps(watch_workflow(function["FunctionArn"], limit_seconds=60)),
        roleArn=role,
    )
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(event))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = states.describe_execution(executionArn=execution["executionArn"])
        if found["status"] != "RUNNING":
            return found["status"], json.loads(found.get("output") or "{}")
        time.sleep(0.02)
    raise TimeoutError("the workflow did not end")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([DONE], "SUCCEEDED"),
        ([PENDING, PENDING, DONE], "SUCCEEDED"),
        ([BAD], "FAILED"),
        ([PENDING, BAD], "FAILED"),
        ([{}], "FAILED"),
        ([None], "FAILED"),
        (["SUCCEEDED"], "FAILED"),
        ([{"status": "PERHAPS", "wait_seconds": 1}], "FAILED"),
        ([{"status": "IN_PROGRESS"}], "FAILED"),
        ([{"status": "IN_PROGRESS", "wait_seconds": "5"}], "FAILED"),
    ],
    ids=str,
)
def test_D3_only_a_clear_yes_succeeds(answers: Sequence[object], expected: str) -> None:
    """It asks again while there is no verdict; an answer that is none is a no."""
    status, _ = run(answers, CODEDEPLOY_EVENT)
    assert expected == status


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("event", "watched"),
    [
        (CODEDEPLOY_EVENT, {"engine": "codedeploy", "deployment_id": "d-ABCDEFGH1"}),
        (
            ECS_EVENT,
            {
                "engine": "ecs",
                "service_arn": "arn:aws:ecs:us-west-2:123456789012:service/shop-prod/web",
                "deployment_id": "ecs-svc/1234567890123456789",
            },
        ),
    ],
    ids=["codedeploy", "ecs"],
)
def test_D6_the_event_of_each_engine_says_what_to_watch(event: dict[str, Any], watched: dict[str, str]) -> None:
    """The deployment, and under ECS its service."""
    _, output = run([DONE], event)
    assert watched == output["watch"]


def test_D3_a_hook_is_answered_whatever_happens() -> None:
    """Every way out of asking leads to an answer of CodeDeploy, and what is no yes to a no."""
    states = hook_workflow()["States"]
    assert {"Ask"} == {states["Wait"]["Next"], hook_workflow()["StartAt"]}
    assert ["Failed"] == [caught["Next"] for caught in states["Ask"]["Catch"]]
    assert [["States.ALL"]] == [caught["ErrorEquals"] for caught in states["Ask"]["Catch"]]
    assert "Failed" == states["Verdict"]["Default"]
    for name in ("Succeeded", "Failed"):
        answer = states[name]
        assert (STATUS, name) == (answer["Resource"], answer["Parameters"]["Status"])
        assert ("$.deployment_id", "$.hook_execution_id") == (
            answer["Parameters"]["DeploymentId.$"],
            answer["Parameters"]["LifecycleEventHookExecutionId.$"],
        )


def test_D3_a_killed_function_is_asked_again_twice() -> None:
    """One that was stopped or not reached; what it raises itself is a no at once."""
    (retry,) = hook_workflow()["States"]["Ask"]["Retry"]
    assert 2 == retry["MaxAttempts"]
    assert {"Sandbox.Timedout", "Lambda.TooManyRequestsException", "Runtime.ExitError"} <= set(retry["ErrorEquals"])
    assert not {"States.ALL", "States.TaskFailed", "Exception"} & set(retry["ErrorEquals"])


def test_D3_a_hook_gives_up_when_nobody_listens_any_more() -> None:
    """CodeDeploy waits an hour; a deployment that was stopped has taken the hook's answer away."""
    workflow = hook_workflow()
    assert 3600 == workflow["TimeoutSeconds"]
    for name in ("Succeeded", "Failed"):
        (caught,) = workflow["States"][name]["Catch"]
        assert {"Type": "Succeed"} == workflow["States"][caught["Next"]]


def test_S7_a_workflow_may_call_its_functions_and_nothing_else() -> None:
    """What it was given, its log and its trace; each action by name."""
    template = _workflow()
    own, asked = properties(template, "AWS::IAM::ManagedPolicy")
    given = {action for statement in own["PolicyDocument"]["Statement"] for action in actions(statement)}
    assert {"codedeploy", "logs", "xray"} == {action.partition(":")[0] for action in given}
    assert [] == [action for action in given if "*" in action]
    (ask,) = asked["PolicyDocument"]["Statement"]
    assert (["lambda:InvokeFunction"], ["arn:aws:lambda:us-west-2:123456789012:function:hook"]) == (
        ask["Action"],
        ask["Resource"],
    )


def test_S7_step_functions_of_this_account_alone_have_its_role() -> None:
    """Not those of another, on its behalf."""
    (trust,) = only(_workflow(), "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert {"StringEquals": {"aws:SourceAccount": ACCOUNT}} == trust["Condition"]


def test_M1_every_step_of_a_workflow_is_logged_and_traced() -> None:
    """Into an encrypted group of its own, and an execution that does not end well rings."""
    template = _workflow()
    machine = only(template, "AWS::StepFunctions::StateMachine")
    assert ("STANDARD", "ALL", True) == (
        machine["StateMachineType"],
        machine["LoggingConfiguration"]["Level"],
        machine["TracingConfiguration"]["Enabled"],
    )
    group = only(template, "AWS::Logs::LogGroup")
    assert ("/aws/vendedlogs/states/shop-prod-hooks", 30) == (group["LogGroupName"], group["RetentionInDays"])
    assert group["KmsKeyId"]
    alarm = only(template, "AWS::CloudWatch::Alarm")
    assert "shop-prod-hooks-unfinished-warning" == alarm["AlarmName"]


def _workflow() -> Template:
    def build(stack: Stack) -> None:
        workflow = PollingWorkflow(
            stack,
            "Workflow",
            settings=handler_settings(
                stack, kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one")
            ),
            name="hooks",
            definition=hook_workflow(),
            statements=[Statement("Answer", ("codedeploy:PutLifecycleEventHookExecutionStatus",), ("arn:group",))],
        )
        workflow.invoke([f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:hook"])

    return synthesize(build)
