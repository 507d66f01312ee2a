"""A table in which functions keep what they have to know the next time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.acknowledgement import acknowledge

NO_BACKUP_PLAN: Final = ("HIPAA.Security-DynamoDBInBackupPlan", "NIST.800.53.R5-DynamoDBInBackupPlan")
EXPIRY: Final = "expires_at"
"""Items leave at this attribute, in epoch seconds."""


def state_table(
    scope: Construct,
    construct_id: str,
    *,
    keys: Mapping[str, str],
    key: kms.IKey,
    deletion_protection: bool,
    removal_policy: RemovalPolicy,
    without_backup_because: str,
    name: str | None = None,
) -> dynamodb.CfnTable:
    """Encrypted, recoverable to any second of 35 days, paid by request. `keys`: kind by name, HASH first; all are strings."""
    attribute, schema = dynamodb.CfnTable.AttributeDefinitionProperty, dynamodb.CfnTable.KeySchemaProperty
    table = dynamodb.CfnTable(
        scope,
        construct_id,
        table_name=name,
        billing_mode="PAY_PER_REQUEST",
        attribute_definitions=[attribute(attribute_name=each, attribute_type="S") for each in keys],
        key_schema=[schema(attribute_name=each, key_type=kind) for each, kind in keys.items()],
        time_to_live_specification=dynamodb.CfnTable.TimeToLiveSpecificationProperty(
            attribute_name=EXPIRY, enabled=True
        ),
        point_in_time_recovery_specification=dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
            point_in_time_recovery_enabled=True
        ),
        sse_specification=dynamodb.CfnTable.SSESpecificationProperty(
            sse_enabled=True, sse_type="KMS", kms_master_key_id=key.key_arn
        ),
        deletion_protection_enabled=deletion_protection,
    )
    table.apply_removal_policy(removal_policy)
    acknowledge(table, dict.fromkeys(NO_BACKUP_PLAN, without_backup_because))
    return table
