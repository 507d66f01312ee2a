"""Buckets beside the CDN: static files, and access logs."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.data import Bucket
from understudy.acknowledgement import acknowledge
from understudy.buckets import LEAST_TLS, UPLOAD_DAYS, WITHOUT_KEY


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
        self._removal_policy = removal_policy
        self.logs = self._bucket("Logs", logs, encryption=s3.BucketEncryption.S3_MANAGED)
        acknowledge(
            self.logs,
            {
                **dict.fromkeys(
                    WITHOUT_KEY,
                    "S3 writes access logs into no bucket with a customer's key; it encrypts these with its own.",
                ),
                "CKV_AWS_18": "It holds access logs: a log of their delivery would log its own delivery, without end.",
            },
        )
        if assets is not None:
            self.assets = self._bucket(
                "Assets",
                assets,
                encryption=s3.BucketEncryption.KMS,
                encryption_key=key,
                bucket_key_enabled=True,
                server_access_logs_bucket=self.logs,
                server_access_logs_prefix="s3/assets/",
            )

    def _bucket(self, name: str, settings: Bucket, **options: Any) -> s3.Bucket:  # noqa: ANN401
        days = settings.infrequent_access_after_days
        transitions = [
            s3.Transition(storage_class=s3.StorageClass.INFREQUENT_ACCESS, transition_after=Duration.days(days))
            for days in ([days] if days else [])
        ]
        return s3.Bucket(
            self,
            name,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=LEAST_TLS,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="Lifecycle",
                    transitions=transitions or None,
                    expiration=Duration.days(settings.expire_after_days) if settings.expire_after_days else None,
                    noncurrent_version_expiration=Duration.days(settings.keep_old_versions_days),
                    abort_incomplete_multipart_upload_after=Duration.days(UPLOAD_DAYS),
                )
            ],
            removal_policy=self._removal_policy,
            auto_delete_objects=self._removal_policy is RemovalPolicy.DESTROY,
            **options,
        )

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
