"""The bucket that takes access logs."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.data import Bucket
from understudy.acknowledgement import acknowledge
from understudy.private_bucket import private_bucket

PACKS: Final = ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
NOT_COPIED: Final = tuple(f"{pack}-S3BucketReplicationEnabled" for pack in PACKS)
WITHOUT_KEY: Final = (
    "S3 and load balancers write access logs into no bucket with a customer's key; S3 encrypts these itself."
)
WITHOUT_COPY: Final = (
    "Access logs of this region, which neither a failover nor a restore needs; S3 keeps them in three zones."
)
WITHOUT_LOG: Final = "It holds access logs: a log of their delivery would log its own delivery, without end."


def log_bucket(
    scope: Construct, construct_id: str, *, settings: Bucket, removal_policy: RemovalPolicy, logs_buckets: bool
) -> s3.Bucket:
    """A private bucket that load balancer, CDN and, with `logs_buckets`, other buckets write their access logs into.

    S3's own encryption (AES-256): neither S3 nor a load balancer delivers into a bucket with a customer's key (S3 User
    Guide, enabling server access logging; ELB User Guide, access logs, step 1).
    """
    bucket = private_bucket(
        scope,
        construct_id,
        settings=settings,
        removal_policy=removal_policy,
        encryption=s3.BucketEncryption.S3_MANAGED,
    )
    reasons = {"CKV_AWS_18": WITHOUT_LOG, **dict.fromkeys(NOT_COPIED, WITHOUT_COPY)}
    for pack in PACKS:
        reasons[f"{pack}-S3DefaultEncryptionKMS"] = WITHOUT_KEY
    if not logs_buckets:
        # cdk-nag recognizes a bucket of logs by the buckets that log into it.
        reasons |= dict.fromkeys(
            ("AwsSolutions-S1", *(f"{pack}-S3BucketLoggingEnabled" for pack in PACKS)), WITHOUT_LOG
        )
    acknowledge(bucket, reasons)
    return bucket
