"""A log group with a name that people find, a key, and an end."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct


def encrypted_log_group(
    scope: Construct, construct_id: str, *, name: str, key: kms.IKey, retention_days: int, removal_policy: RemovalPolicy
) -> logs.CfnLogGroup:
    """`name`, encrypted with `key`, whose policy must admit CloudWatch Logs of this region.

    `retention_days` is a period that CloudWatch Logs offers (spec/tables/logs.py). The L2 takes an enumeration instead
    of days, so this is the L1.
    """
    group = logs.CfnLogGroup(
        scope, construct_id, log_group_name=name, kms_key_id=key.key_arn, retention_in_days=retention_days
    )
    group.apply_removal_policy(removal_policy)
    return group
