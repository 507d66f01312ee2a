"""Something a role may do, and the reason for each wildcard in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.bucket_objects import judged_objects

EVERY_RESOURCE: Final = "AwsSolutions-IAM5[Resource::*]"


@dataclass(frozen=True, slots=True)
class Permission:
    """Statements for one purpose. `wildcards`: findings of the judges about them, each with why AWS has no finer way."""

    statements: Sequence[iam.PolicyStatement]
    wildcards: Mapping[str, str] = field(default_factory=dict)


def managed_policy(
    scope: Construct, construct_id: str, *, description: str, permissions: Sequence[Permission]
) -> iam.ManagedPolicy:
    """A policy with all `permissions`, for a role that names it and so has it from its first moment."""
    policy = iam.ManagedPolicy(
        scope,
        construct_id,
        description=description,
        statements=[statement for permission in permissions for statement in permission.statements],
    )
    wildcards = {finding: reason for permission in permissions for finding, reason in permission.wildcards.items()}
    if wildcards:
        acknowledge(policy, wildcards)
    return policy


def every_object(bucket: s3.IBucket) -> str:
    """The finding of the judges about a statement on every object of `bucket`."""
    return f"AwsSolutions-IAM5[Resource::{judged_objects(bucket)}]"


def key_by_way_of(
    stack: Stack, service: str, *, sid: str, key: kms.IKey, actions: Sequence[str]
) -> iam.PolicyStatement:
    """The key, only when `service` asks KMS on the role's behalf."""
    return iam.PolicyStatement(
        sid=sid,
        actions=list(actions),
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"{service}.{stack.region}.amazonaws.com"}},
    )
