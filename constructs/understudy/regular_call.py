"""A function that the clock calls."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from understudy.python_handler import PythonHandler


def call_regularly(
    scope: Construct, construct_id: str, *, function: PythonHandler, every: str, description: str, target: str
) -> None:
    """Call `function` each `every`, such as `1 hour`, by an EventBridge rule that it lets in, and no other of the account.

    `target`: what the rule calls it.
    """
    rule = events.CfnRule(
        scope,
        construct_id,
        description=description,
        schedule_expression=f"rate({every})",
        targets=[events.CfnRule.TargetProperty(id=target, arn=function.arn)],
    )
    lambda_.CfnPermission(
        scope,
        "Invoke",
        action="lambda:InvokeFunction",
        function_name=function.arn,
        principal="events.amazonaws.com",
        source_account=Stack.of(scope).account,
        source_arn=rule.attr_arn,
    )
