"""Where functions write down what has happened in a release."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.acknowledgement import acknowledge

BACKUP_REASON: Final = (
    "Point-in-time recovery restores it to any second of 35 days. An entry matters while its release lasts, some minutes, "
    "and leaves after ninety days."
)


class ReleaseLedger(Construct):
    """A table with one item for each thing that happened: `release` is the partition, `entry` the sort key.

    Items leave at `expires_at`. It costs by request, so nothing between releases.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        deletion_protection: bool,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        attribute, schema = dynamodb.CfnTable.AttributeDefinitionProperty, dynamodb.CfnTable.KeySchemaProperty
        table = dynamodb.CfnTable(
            self,
            "Resource",
            billing_mode="PAY_PER_REQUEST",
            attribute_definitions=[
                attribute(attribute_name="release", attribute_type="S"),
                attribute(attribute_name="entry", attribute_type="S"),
            ],
            key_schema=[
                schema(attribute_name="release", key_type="HASH"),
                schema(attribute_name="entry", key_type="RANGE"),
            ],
            time_to_live_specification=dynamodb.CfnTable.TimeToLiveSpecificationProperty(
                attribute_name="expires_at", enabled=True
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
        self.name = table.ref
        self.arn = table.attr_arn
        self.key = key
        acknowledge(
            table,
            {
                "HIPAA.Security-DynamoDBInBackupPlan": BACKUP_REASON,
                "NIST.800.53.R5-DynamoDBInBackupPlan": BACKUP_REASON,
            },
        )
