"""Both entries: recorded events, malformed events, and starting the workflow once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from release_world import (
    OLD_DIGEST,
    SERVICE_DEPLOYMENT,
    FunctionContext,
    ReleaseWorld,
    api,
    event,
    release_world,
)

from deployment_hooks import codedeploy, ecs

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
WORKFLOW = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}


@pytest.fixture
def codedeploys() -> Iterator[ReleaseWorld]:
    """A release of CodeDeploy."""
    with release_world("codedeploy") as world, world.as_function("before_traffic"):
        yield world


@pytest.fixture
def ecss() -> Iterator[ReleaseWorld]:
    """A release of ECS."""
    with release_world("ecs") as world:
        yield world


@pytest.fixture
def workflow(codedeploys: ReleaseWorld) -> str:
    """The polling state machine; its ARN."""
    assert codedeploys
    role = api("iam").create_role(RoleName="polling", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    made = api("stepfunctions").create_state_machine(name="polling", definition=json.dumps(WORKFLOW), roleArn=role)
    return str(made["stateMachineArn"])


def _codedeploy(sent: Any) -> dict[str, Any]:
    return codedeploy.handler(sent, FunctionContext())  # type: ignore[arg-type]


def _ecs(sent: Any) -> dict[str, Any]:
    return ecs.handler(sent, FunctionContext())  # type: ignore[arg-type]


def test_codedeploys_event_starts_the_workflow_once(codedeploys: ReleaseWorld, workflow: str) -> None:
    """Delivered three times: one execution, whose input is what it hands back at each look."""
    for _ in range(3):
        assert {"started"} == set(_codedeploy(event("codedeploy_hook")))
    (execution,) = api("stepfunctions").list_executions(stateMachineArn=workflow)["executions"]
    given_input = api("stepfunctions").describe_execution(executionArn=execution["executionArn"])["input"]
    assert {
        "function_arn": FunctionContext().invoked_function_arn,
        "deployment_id": "d-EXAMPLE123",
        "hook_execution_id": event("codedeploy_hook")["LifecycleEventHookExecutionId"],
    } == json.loads(given_input)
    assert [] == codedeploys.answers


def test_a_workflow_that_cannot_be_started_is_answered_here(codedeploys: ReleaseWorld) -> None:
    """There is no state machine: CodeDeploy hears Failed at once, not after an hour."""
    answer = _codedeploy(event("codedeploy_hook"))
    assert "FAILED" == answer["status"]
    assert "the workflow could not be started: StartExecution: StateMachineDoesNotExist" in answer["reason"]
    hook = event("codedeploy_hook")["LifecycleEventHookExecutionId"]
    assert [
        {"deploymentId": "d-EXAMPLE123", "lifecycleEventHookExecutionId": hook, "status": "Failed"}
    ] == codedeploys.answers


def test_the_workflows_step_is_looked_at(codedeploys: ReleaseWorld) -> None:
    """The answer is what the workflow chooses by."""
    step = {"function_arn": "f", "deployment_id": codedeploys.deployment_id, "hook_execution_id": "h"}
    assert {
        "status": "SUCCEEDED",
        "wait_seconds": 5,
        "reason": "none of 0 alarms is red, and no freeze holds",
    } == _codedeploy({"step": step})


def test_a_deployment_of_another_application_is_refused(codedeploys: ReleaseWorld) -> None:
    """The function of one environment answers for no other."""
    codedeploys._codedeploy.deployments[codedeploys.deployment_id].application_name = "other"
    step = {"function_arn": "f", "deployment_id": codedeploys.deployment_id, "hook_execution_id": "h"}
    answer = _codedeploy({"step": step})
    assert "FAILED" == answer["status"]
    assert "is no deployment of shop-prod" in answer["reason"]


def test_a_deployment_that_does_not_exist(codedeploys: ReleaseWorld) -> None:
    """AWS's own words."""
    assert codedeploys
    answer = _codedeploy({"step": {"function_arn": "f", "deployment_id": "d-NOSUCH123", "hook_execution_id": "h"}})
    assert "FAILED" == answer["status"]
    assert "GetDeployment: DeploymentDoesNotExistException" in answer["reason"]


def test_ecs_hears_when_to_call_again(ecss: ReleaseWorld) -> None:
    """IN_PROGRESS with its delay; a final status without."""
    sent = event("ecs_hook") | {"lifecycleStage": "POST_SCALE_UP"}
    with ecss.as_function("after_install"):
        assert {"hookStatus": "IN_PROGRESS", "callBackDelay": 5} == _ecs(sent)
        ecss.install()
        assert {"hookStatus": "SUCCEEDED"} == _ecs(sent)


def test_the_recorded_event_of_a_rollback(ecss: ReleaseWorld) -> None:
    """The old revision, which is going live again, passes."""
    ecss.install()
    ecss.roll_back()
    with ecss.as_function("after_traffic"):
        assert {"hookStatus": "SUCCEEDED"} == _ecs(event("ecs_hook_on_rollback"))
    entry = ecss.entry("hook#after_traffic#5d0f27c8-0e9e-4a55-9f2b-6a2f3a1f7c11")
    assert OLD_DIGEST in entry["reason"]


@pytest.mark.parametrize("details", ['{"service": "web"}', {"service": "web", "more": 1}])
def test_the_hooks_details_come_as_text_or_as_an_object(ecss: ReleaseWorld, details: Any) -> None:
    """CloudFormation's HookDetails is JSON; how it is handed on is ECS's affair."""
    with ecss.as_function("before_traffic"):
        sent = event("ecs_hook") | {"lifecycleStage": "PRE_PRODUCTION_TRAFFIC_SHIFT", "hookDetails": details}
        assert {"hookStatus": "SUCCEEDED"} == _ecs(sent)


def test_a_function_at_another_stage_than_its_own(ecss: ReleaseWorld) -> None:
    """A template that mixes them up does not pass."""
    with ecss.as_function("before_install"):
        assert {"hookStatus": "FAILED"} == _ecs(event("ecs_hook"))


def test_a_deployment_of_another_service(ecss: ReleaseWorld) -> None:
    """The details say web, ECS says api."""
    ecss.service_deployment["serviceArn"] = ecss.service_deployment["serviceArn"].replace("/web", "/api")
    assert f"before_traffic: {SERVICE_DEPLOYMENT} is no deployment of web" == ecss.deliver("before_traffic")["reason"]


def test_a_revision_that_ecs_does_not_describe(ecss: ReleaseWorld) -> None:
    """Nothing is assumed of it."""
    ecss.service_deployment["targetServiceRevision"] = {"arn": ""}
    assert "which revision" in ecss.deliver("before_traffic")["reason"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
ECS_KEYS = st.sampled_from(["executionId", "lifecycleStage", "resourceArn", "hookDetails"])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ANYTHING, ECS_KEYS)
def test_a_malformed_event_of_ecs_is_answered_failed(ecss: ReleaseWorld, junk: Any, key: str) -> None:
    """Whatever comes, whole or in one field, it is answered, and nothing is started."""
    with ecss.as_function("before_install"):
        for sent in (junk, event("ecs_hook") | {key: junk}, {k: v for k, v in event("ecs_hook").items() if k != key}):
            assert {"hookStatus": "FAILED"} == _ecs(sent)
    assert [] == ecss.one_off_tasks()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ANYTHING)
def test_a_malformed_event_of_codedeploy_is_answered_failed(codedeploys: ReleaseWorld, junk: Any) -> None:
    """As an event, as a step, and as a field of either."""
    for sent in (junk, {"step": junk}, {"DeploymentId": junk}, {"step": {"deployment_id": junk}}):
        assert "FAILED" == _codedeploy(sent)["status"]
    assert [] == codedeploys.one_off_tasks()


@pytest.mark.parametrize("variable", ["PREFIX", "LEDGER_TABLE", "STAGE"])
def test_a_function_without_its_settings_answers_failed(
    ecss: ReleaseWorld, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A broken template stops the release, with the variable's name in the log."""
    with ecss.as_function("test_traffic"):
        monkeypatch.delenv(variable)
        assert {"hookStatus": "FAILED"} == _ecs(event("ecs_hook"))
