"""Object storage."""

from __future__ import annotations

from typing import Final, TypedDict, Unpack

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.data import Bucket as BucketSettings
from spec.data import Storage
from spec.environment import Protection
from understudy.acknowledgement import acknowledge
from understudy.removal import removal_policy

LEAST_TLS: Final = 1.2
UPLOAD_DAYS: Final = 7
"""An upload in parts that nobody finished by then is given up; its parts cost like objects."""

WITHOUT_KEY: Final = tuple(
    f"{pack}-S3DefaultEncryptionKMS" for pack in ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
)


class _Options(TypedDict, total=False):
    encryption: s3.BucketEncryption
    encryption_key: kms.IKey
    bucket_key_enabled: bool
    server_access_logs_bucket: s3.IBucket
    server_access_logs_prefix: str


class Buckets(Construct):
    """Buckets by purpose: versioned, private, TLS only, with access logs. The CDN's assets lie beside the CDN."""

    logs: s3.Bucket
    """Access logs of the other buckets, the load balancer and the CDN."""
    data: s3.Bucket | None
    """What the application stores; None where the spec has none."""
    backups: s3.Bucket | None
    """Exports and dumps; None where the spec has none."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Storage,
        protection: Protection,
        encryption_key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self._removal_policy = removal_policy(protection)
        self.logs = self._bucket(
            "Logs",
            settings.logs,
            # Load balancers deliver to no bucket with a customer's key (ELB User Guide, access logs, step 1).
            encryption=s3.BucketEncryption.S3_MANAGED,
        )
        acknowledge(
            self.logs,
            {
                **dict.fromkeys(
                    WITHOUT_KEY,
                    "Load balancers deliver access logs to no bucket with a customer's key; S3 encrypts these with its "
                    "own keys (AES-256).",
                ),
                "CKV_AWS_18": "It holds access logs: a log of their delivery would log its own delivery, without end.",
            },
        )
        self.data = self._encrypted("Data", settings.data, encryption_key)
        self.backups = self._encrypted("Backups", settings.backups, encryption_key)

    def _encrypted(self, name: str, settings: BucketSettings | None, key: kms.IKey) -> s3.Bucket | None:
        if settings is None:
            return None
        return self._bucket(
            name,
            settings,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            # One call to KMS for many objects, not one for each.
            bucket_key_enabled=True,
            server_access_logs_bucket=self.logs,
            server_access_logs_prefix=f"s3/{name.lower()}/",
        )

    def _bucket(self, name: str, settings: BucketSettings, **options: Unpack[_Options]) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=LEAST_TLS,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[_lifecycle(settings)],
            removal_policy=self._removal_policy,
            auto_delete_objects=self._removal_policy is RemovalPolicy.DESTROY,
            **options,
        )


def _lifecycle(settings: BucketSettings) -> s3.LifecycleRule:
    cheaper_after, expire_after = settings.infrequent_access_after_days, settings.expire_after_days
    # S3 refuses to move objects that are gone by then.
    moves = cheaper_after is not None and (expire_after is None or cheaper_after < expire_after)
    return s3.LifecycleRule(
        id="Lifecycle",
        transitions=[
            s3.Transition(
                storage_class=s3.StorageClass.INFREQUENT_ACCESS, transition_after=Duration.days(cheaper_after or 0)
            )
        ]
        if moves
        else None,
        expiration=Duration.days(expire_after) if expire_after else None,
        noncurrent_version_expiration=Duration.days(settings.keep_old_versions_days),
        abort_incomplete_multipart_upload_after=Duration.days(UPLOAD_DAYS),
    )
