"""A function that the clock calls."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from understudy.python_handler import PythonHandler


def call_regularly(
    scope: Construct,
    construct_id: str,
    *,
    function: PythonHandler,
    every: str | None = None,
    cron: str | None = None,
    description: str,
    target: str,
    event: str | None = None,
) -> None:
    """Call `function` each `every`, such as `1 hour`, or by `cron`, by an EventBridge rule that it lets in, and no other of the
    account.

    `target`: what the rule calls it. `event`: what it hears instead of EventBridge's own event, as JSON.
    """
    rule = events.CfnRule(
        scope,
        construct_id,
        description=description,
        schedule_expression=f"cron({cron})" if cron else f"rate({every})",
        targets=[events.CfnRule.TargetProperty(id=target, arn=function.arn, input=event)],
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
