"""What every bucket has, whatever it is for."""

from __future__ import annotations

from typing import Final, TypedDict, Unpack

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.data import Bucket

LEAST_TLS: Final = 1.2
UPLOAD_DAYS: Final = 7
"""An upload in parts that nobody finished by then is given up; its parts cost like objects."""


class BucketOptions(TypedDict, total=False):
    """What differs from bucket to bucket."""

    encryption: s3.BucketEncryption
    encryption_key: kms.IKey
    bucket_key_enabled: bool
    server_access_logs_bucket: s3.IBucket
    server_access_logs_prefix: str


def private_bucket(
    scope: Construct,
    construct_id: str,
    *,
    settings: Bucket,
    removal_policy: RemovalPolicy,
    **options: Unpack[BucketOptions],
) -> s3.Bucket:
    """A bucket that is versioned, private, TLS only, and emptied before it is destroyed; objects age as the spec says."""
    return s3.Bucket(
        scope,
        construct_id,
        versioned=True,
        enforce_ssl=True,
        minimum_tls_version=LEAST_TLS,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        lifecycle_rules=[_lifecycle(settings)],
        removal_policy=removal_policy,
        auto_delete_objects=removal_policy is RemovalPolicy.DESTROY,
        **options,
    )


def _lifecycle(settings: Bucket) -> s3.LifecycleRule:
    cheaper_after, expire_after = settings.infrequent_access_after_days, settings.expire_after_days
    transitions = None
    if cheaper_after is not None:
        cheaper = s3.StorageClass.INFREQUENT_ACCESS
        transitions = [s3.Transition(storage_class=cheaper, transition_after=Duration.days(cheaper_after))]
    return s3.LifecycleRule(
        id="Lifecycle",
        transitions=transitions,
        expiration=Duration.days(expire_after) if expire_after else None,
        noncurrent_version_expiration=Duration.days(settings.keep_old_versions_days),
        abort_incomplete_multipart_upload_after=Duration.days(UPLOAD_DAYS),
    )
