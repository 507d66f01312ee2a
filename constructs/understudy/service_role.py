"""A role that a service of AWS takes in this account."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.statement import Statement, findings, policy_document


def service_role(
    scope: Construct, construct_id: str = "", *, service: str, description: str, statements: Sequence[Statement]
) -> iam.CfnRole:
    """For `service`, such as `backup.amazonaws.com`, on behalf of this account alone; one policy, complete before the role.

    `construct_id`: what the IDs of both begin with, where `scope` has several.
    """
    policy = iam.CfnManagedPolicy(
        scope, f"{construct_id}Policy", description=description, policy_document=policy_document(statements)
    )
    acknowledge(policy, findings(statements))
    return iam.CfnRole(
        scope,
        f"{construct_id}Role",
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
