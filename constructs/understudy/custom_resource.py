"""CDK's own custom resources: what CloudFormation cannot do, done by a function that CDK brings along."""

from __future__ import annotations

from typing import Final, cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.encrypted_log_group import encrypted_log_group

CLOSE_DEFAULT_GROUP: Final = "VpcRestrictDefaultSG"
"""Takes the rules of a VPC's default security group away."""
EMPTY_BUCKETS: Final = "S3AutoDeleteObjects"
"""Empties a bucket that is about to be deleted."""


def keep_log(stack: Stack, provider: str, *, prefix: str, key: kms.IKey, retention_days: int) -> None:
    """Give the function behind `provider` an encrypted log group, if the stack has such a function.

    Lambda would create one at the first call, without key and end, and it would outlive the stack.
    """
    found = cast("Construct | None", stack.node.try_find_child(f"Custom::{provider}CustomResourceProvider"))
    if found is None:
        return
    group = encrypted_log_group(
        stack,
        f"{provider}Log",
        name=f"/{prefix}/custom-resource/{stack.node.id}/{provider}",
        key=key,
        retention_days=retention_days,
        # It says that CloudFormation called, which CloudTrail says too.
        removal_policy=RemovalPolicy.DESTROY,
    )
    function = cast("CfnResource", found.node.find_child("Handler"))
    function.add_property_override("LoggingConfig", {"LogFormat": "JSON", "LogGroup": group.ref})
    acknowledge(
        found,
        {
            "CKV_AWS_115": "CloudFormation calls it once when the stack is created and once when it is removed; it "
            "competes with nothing.",
            "CKV_AWS_116": "CloudFormation waits for its answer and reports a failure itself: a dead-letter queue would "
            "hold what the stack's events already say.",
            "CKV_AWS_117": "It calls one AWS API and nothing in the VPC, which it would outlive or precede.",
            "W3005": "CDK writes the dependency on the role twice; the second says nothing wrong.",
        },
    )
