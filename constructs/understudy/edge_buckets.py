"""Buckets beside the CDN: static files, and access logs."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.data import Bucket
from understudy.acknowledgement import acknowledge
from understudy.log_bucket import NOT_COPIED, log_bucket
from understudy.private_bucket import private_bucket

BUILT_REASON: Final = (
    "Files that a build makes from source and uploads: the same build fills another bucket, and old versions are kept."
)


class EdgeBuckets(Construct):
    """`logs` takes the access logs of the CDN and of `assets`; `assets` has the files under the spec's static paths.

    Both are versioned, private and TLS only. S3 writes access logs into no bucket with a customer's key (S3 User Guide,
    enabling server access logging), so `logs` has S3's own encryption.

    `assets` is None where the spec has no such bucket or no path that is served from it.
    """

    assets: s3.Bucket | None = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        logs: Bucket,
        assets: Bucket | None,
        key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.logs = log_bucket(
            self, "Logs", settings=logs, removal_policy=removal_policy, logs_buckets=assets is not None
        )
        if assets is not None:
            self.assets = private_bucket(
                self,
                "Assets",
                settings=assets,
                removal_policy=removal_policy,
                encryption=s3.BucketEncryption.KMS,
                encryption_key=key,
                # One call to KMS for many objects, not one for each.
                bucket_key_enabled=True,
                server_access_logs_bucket=self.logs,
                server_access_logs_prefix="s3/assets/",
            )
            acknowledge(self.assets, dict.fromkeys(NOT_COPIED, BUILT_REASON))

    def admit_distribution(self, distribution_arn: str) -> None:
        """Let one distribution read static files, and nobody else."""
        if self.assets is None:
            return
        self.assets.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Distribution",
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["s3:GetObject"],
                resources=[f"{self.assets.bucket_arn}/*"],
                conditions={"StringEquals": {"aws:SourceArn": distribution_arn}},
            )
        )

    def admit_delivery(self, source_name: str) -> None:
        """Let CloudWatch Logs write what one delivery source sends."""
        stack = Stack.of(self)
        self.logs.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDelivery",
                principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[f"{self.logs.bucket_arn}/*"],
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": stack.account,
                        "s3:x-amz-acl": "bucket-owner-full-control",
                    },
                    "ArnEquals": {
                        "aws:SourceArn": (
                            f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:delivery-source:{source_name}"
                        )
                    },
                },
            )
        )
