"""Services that come without a role: what a function's own policy says too little, too much or otherwise is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from permissions.deployed import Deployed, Stack
from permissions.invokers import askers, let_in, starters, who_comes

ACCOUNT, REGION = "123456789012", "us-west-2"
Resources = dict[str, Any]


def _arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def _permission(service: str, source: Any) -> dict[str, Any]:
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": _arn("Function"),
        "Principal": f"{service}.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
        "SourceArn": source,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def _deployed(change: Callable[[Resources], object] = lambda _: None) -> Deployed:
    """A function that Secrets Manager and a rule call, and a state machine that another rule starts by a role."""
    schedule = {"SecretId": {"Ref": "Secret"}, "RotationLambdaARN": _arn("Function")}
    resources: Resources = {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {}},
        "Schedule": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": schedule},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Arn": _arn("Function")}]}},
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {}},
        "Starter": {
            "Type": "AWS::Events::Rule",
            "Properties": {"Targets": [{"Arn": {"Ref": "Machine"}, "RoleArn": _arn("Role")}]},
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
        "BySecret": _permission("secretsmanager", {"Ref": "Secret"}),
        "ByRule": _permission("events", _arn("Rule")),
    }
    change(resources)
    return Deployed(ACCOUNT, (Stack("shop", REGION, {"Resources": resources}),))


def _function(deployed: Deployed) -> set[str]:
    return {function.arn for function in deployed.resources("AWS::Lambda::Function")}


def test_exact_policy_lets_in_who_comes() -> None:
    """A permission for the schedule, and one for the rule."""
    deployed = _deployed()
    comes = who_comes(deployed, _function(deployed))
    assert {"secretsmanager.amazonaws.com", "events.amazonaws.com"} == {invoker.service for invoker in comes}
    assert comes == let_in(deployed, _function(deployed))


@pytest.mark.parametrize(
    "change",
    [
        lambda resources: resources.pop("BySecret"),
        lambda resources: resources.pop("Schedule"),
        lambda resources: resources["BySecret"]["Properties"].pop("SourceArn"),
        lambda resources: resources["ByRule"]["Properties"].pop("SourceAccount"),
        lambda resources: resources["ByRule"]["Properties"].update(SourceArn={"Ref": "Secret"}),
        lambda resources: resources["BySecret"]["Properties"].update(Principal="*"),
    ],
    ids=["missing", "unneeded", "any-secret", "any-account", "another-source", "anybody"],
)
def test_policy_that_differs_is_seen(change: Callable[[Resources], object]) -> None:
    """Too little as well as too much."""
    deployed = _deployed(change)
    assert who_comes(deployed, _function(deployed)) != let_in(deployed, _function(deployed))


def test_rule_starts_a_state_machine_by_its_role() -> None:
    """Which is judged like that of a function."""
    deployed = _deployed()
    (machine,) = deployed.resources("AWS::StepFunctions::StateMachine")
    (role,) = deployed.resources("AWS::IAM::Role")
    (starter,) = starters(deployed, {machine.arn})
    assert ("shop/Starter", role.arn) == (starter.title, starter.role_arn)
    assert [("states:StartExecution", machine.arn)] == [
        (request.action, request.resource) for request in starter.requests
    ]


def test_cloudformation_asks_a_hook_by_its_role() -> None:
    """Of functions of ours alone."""

    def hooked(resources: Resources) -> None:
        properties = {"LambdaFunction": _arn("Function"), "ExecutionRole": _arn("Role")}
        resources["Hook"] = {"Type": "AWS::CloudFormation::LambdaHook", "Properties": properties}

    deployed = _deployed(hooked)
    (role,) = deployed.resources("AWS::IAM::Role")
    (asker,) = askers(deployed, _function(deployed))
    assert ("shop/Hook", role.arn) == (asker.title, asker.role_arn)
    assert {("lambda:InvokeFunction", arn) for arn in _function(deployed)} == {
        (request.action, request.resource) for request in asker.requests
    }
    assert [] == askers(deployed, set())
