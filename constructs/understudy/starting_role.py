"""The role by which EventBridge, or its Scheduler, starts a workflow."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from understudy.statement import Statement, policy_document


def starting_role(
    scope: Construct,
    *,
    description: str,
    workflow_arn: str,
    service: str = "events.amazonaws.com",
    further: Sequence[Statement] = (),
) -> iam.CfnRole:
    """For rules or schedules of this account, and the one workflow; and whatever else `service` needs for it."""
    policy = iam.CfnManagedPolicy(
        scope,
        "StartPolicy",
        description=description,
        policy_document=policy_document([Statement("Start", ("states:StartExecution",), (workflow_arn,)), *further]),
    )
    return iam.CfnRole(
        scope,
        "StartRole",
        description=description,
        managed_policy_arns=[policy.ref],
        assume_role_policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
                }
            ],
        },
    )
