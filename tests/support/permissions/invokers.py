"""Who starts functions and state machines beside their callers' roles: services, by policies that stand with what is started."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from permissions.call import Request
from permissions.deployed import Deployed, Resource
from permissions.judgement import Principal


@dataclass(frozen=True, slots=True, order=True)
class Invoker:
    """A service that invokes a function in the name of one resource."""

    function: str
    """ARN."""
    service: str
    """As a principal."""
    source: str
    """ARN of the resource; empty in a permission for any."""
    account: str
    """The resource's; empty in a permission for any."""


def let_in(deployed: Deployed, functions: Collection[str]) -> set[Invoker]:
    """Whom the own policies of `functions`, which are ARNs, let in."""
    return {
        Invoker(
            given["FunctionName"],
            given["Principal"],
            str(given.get("SourceArn", "")),
            str(given.get("SourceAccount", "")),
        )
        for each in deployed.resources("AWS::Lambda::Permission")
        if (given := each.properties)["FunctionName"] in functions
    }


def who_comes(deployed: Deployed, functions: Collection[str]) -> set[Invoker]:
    """Who invokes `functions` without a role: Secrets Manager for a secret that it rotates, EventBridge for a rule, CloudWatch for
    an alarm.

    CodeDeploy, ECS, CloudFormation and Step Functions come with roles.
    """
    found = {
        Invoker(each.properties["RotationLambdaARN"], "secretsmanager.amazonaws.com", each.properties["SecretId"], "")
        for each in deployed.resources("AWS::SecretsManager::RotationSchedule")
        if "RotationLambdaARN" in each.properties
    }
    found |= {Invoker(target["Arn"], "events.amazonaws.com", rule.arn, "") for rule, target in _targets(deployed)}
    found |= {
        Invoker(action, "lambda.alarms.cloudwatch.amazonaws.com", alarm.arn, "")
        for type_ in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for alarm in deployed.resources(type_)
        for action in alarm.properties.get("AlarmActions", [])
    }
    return {
        Invoker(each.function, each.service, each.source, deployed.account)
        for each in found
        if each.function in functions
    }


def starters(deployed: Deployed, machines: Collection[str]) -> list[Principal]:
    """Roles by which rules start the state machines `machines`, which are ARNs."""
    return [
        Principal(
            rule.path,
            str(target["RoleArn"]),
            [Request("states:StartExecution", target["Arn"], because="EventBridge starts it")],
        )
        for rule, target in _targets(deployed)
        if target["Arn"] in machines
    ]


def askers(deployed: Deployed, functions: Collection[str]) -> list[Principal]:
    """Roles by which CloudFormation asks its hooks that are among `functions`, which are ARNs."""
    return [
        Principal(
            hook.path,
            str(hook.properties["ExecutionRole"]),
            [Request("lambda:InvokeFunction", hook.properties["LambdaFunction"], because="CloudFormation asks it")],
        )
        for hook in deployed.resources("AWS::CloudFormation::LambdaHook")
        if hook.properties["LambdaFunction"] in functions
    ]


def _targets(deployed: Deployed) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for rule in deployed.resources("AWS::Events::Rule"):
        for target in rule.properties.get("Targets", []):
            yield rule, target
