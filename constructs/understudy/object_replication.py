"""Objects that are copied to a bucket in another region."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.alarm import Alarm
from understudy.copy_alarms import RUNBOOK
from understudy.metric import Metric
from understudy.permission import every_object
from understudy.statement import Statement, policy_document

RULE: Final = "StandIn"
PROMISED_MINUTES: Final = 15
"""S3 copies 99.99 % of objects within it, and tells of each that takes longer (S3 User Guide, Replication Time Control)."""
SECONDS: Final = 60
OBJECTS_REASON: Final = "Every object of the bucket, whose keys the application chooses."


@dataclass(frozen=True, slots=True)
class Copied:
    """A bucket and where its objects go."""

    source: s3.Bucket
    target: s3.Bucket

    @property
    def target_resource(self) -> s3.CfnBucket:
        """Whose name reaches another region, unlike that of the construct around it."""
        return cast("s3.CfnBucket", self.target.node.default_child)


class ObjectReplication(Construct):
    """Each new version and each deletion of an object, by S3 Replication with time control; `buckets` by what they are called.

    What was there before the rule is not copied: S3 Batch Replication does that, once, when a stand-in is added to an
    environment that has objects already.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Mapping[str, Copied],
        source_key: kms.IKey,
        target_key: kms.IKey,
        target_region: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._buckets = buckets
        self._role = iam.CfnRole(
            self,
            "Role",
            description="S3 copies objects to the region that stands in",
            assume_role_policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
                ],
            },
        )
        statements = _statements(Stack.of(self), buckets.values(), source_key, target_key, target_region)
        # The policy names the buckets, whose rules name the role: so it comes after both, and brings itself to the role.
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            description="Copies objects to the region that stands in",
            roles=[self._role.ref],
            policy_document=policy_document(statements),
        )
        ends = [bucket for copied in buckets.values() for bucket in (copied.source, copied.target)]
        acknowledge(policy, {every_object(bucket): OBJECTS_REASON for bucket in ends})
        for copied in buckets.values():
            self._replicate(copied, target_key)

    def _replicate(self, copied: Copied, target_key: kms.IKey) -> None:
        bucket = s3.CfnBucket
        limit = bucket.ReplicationTimeValueProperty(minutes=PROMISED_MINUTES)
        resource = cast("s3.CfnBucket", copied.source.node.default_child)
        resource.replication_configuration = bucket.ReplicationConfigurationProperty(
            role=self._role.attr_arn,
            rules=[
                bucket.ReplicationRuleProperty(
                    id=RULE,
                    status="Enabled",
                    priority=1,
                    filter=bucket.ReplicationRuleFilterProperty(prefix=""),
                    delete_marker_replication=bucket.DeleteMarkerReplicationProperty(status="Enabled"),
                    source_selection_criteria=bucket.SourceSelectionCriteriaProperty(
                        sse_kms_encrypted_objects=bucket.SseKmsEncryptedObjectsProperty(status="Enabled")
                    ),
                    destination=bucket.ReplicationDestinationProperty(
                        bucket=copied.target_resource.attr_arn,
                        encryption_configuration=bucket.EncryptionConfigurationProperty(
                            replica_kms_key_id=target_key.key_arn
                        ),
                        metrics=bucket.MetricsProperty(status="Enabled", event_threshold=limit),
                        replication_time=bucket.ReplicationTimeProperty(status="Enabled", time=limit),
                    ),
                )
            ],
        )

    @property
    def alarms(self) -> list[Alarm]:
        """Objects that S3 could not copy. How far the copy is behind, S3 tells in the other region alone: copy_alarms.py."""
        return [
            Alarm(
                subject=f"objects-{name}",
                what="not-copied",
                severity="warning",
                meaning=f"S3 could not copy objects of the bucket {name} to the region that stands in.",
                look_first="the failure reason in the bucket's replication metrics; then the role's policy and both keys; "
                f"{RUNBOOK}.",
                comparison="above",
                threshold=0,
                value=Metric(
                    "AWS/S3",
                    "OperationsFailedReplication",
                    {
                        "SourceBucket": copied.source.bucket_name,
                        "DestinationBucket": copied.target_resource.ref,
                        "RuleId": RULE,
                    },
                    "Sum",
                ),
                period_seconds=5 * SECONDS,
                periods=1,
            )
            for name, copied in self._buckets.items()
        ]


def _statements(
    stack: Stack, buckets: Collection[Copied], source_key: kms.IKey, target_key: kms.IKey, target_region: str
) -> list[Statement]:
    """As the S3 User Guide has them (setting up permissions for live replication, replicating encrypted objects)."""
    sources = [copied.source.bucket_arn for copied in buckets]
    targets = [copied.target_resource.attr_arn for copied in buckets]
    return [
        Statement("Rules", ("s3:GetReplicationConfiguration", "s3:ListBucket"), sources),
        Statement(
            "Read",
            ("s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"),
            [f"{arn}/*" for arn in sources],
            because=OBJECTS_REASON,
        ),
        Statement(
            "Write",
            ("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"),
            [f"{arn}/*" for arn in targets],
            because=OBJECTS_REASON,
        ),
        Statement("Decrypt", ("kms:Decrypt",), (source_key.key_arn,), _by_s3(stack.region, sources)),
        Statement(
            "Encrypt", ("kms:Encrypt", "kms:GenerateDataKey"), (target_key.key_arn,), _by_s3(target_region, targets)
        ),
    ]


def _by_s3(region: str, bucket_arns: Collection[str]) -> dict[str, dict[str, Any]]:
    """With a bucket key the context is the bucket; of what was stored without one, the object."""
    contexts = [arn + end for arn in bucket_arns for end in ("", "/*")]
    return {
        "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": contexts},
    }
