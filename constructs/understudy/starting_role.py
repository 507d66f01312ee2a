"""The role by which EventBridge, or its Scheduler, starts a workflow."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from understudy.service_role import service_role
from understudy.statement import Statement


def starting_role(
    scope: Construct,
    *,
    description: str,
    workflow_arn: str,
    service: str = "events.amazonaws.com",
    further: Sequence[Statement] = (),
) -> iam.CfnRole:
    """For rules or schedules of this account, and the one workflow; and whatever else `service` needs for it."""
    return service_role(
        scope,
        "Start",
        service=service,
        description=description,
        statements=[Statement("Start", ("states:StartExecution",), (workflow_arn,)), *further],
    )
