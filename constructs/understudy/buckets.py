"""Object storage."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec.data import Bucket as BucketSettings
from spec.data import Storage
from spec.environment import Protection
from understudy.acknowledgement import acknowledge
from understudy.log_bucket import NOT_COPIED, log_bucket
from understudy.private_bucket import private_bucket
from understudy.removal import removal_policy


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
        not_copied_because: str | None,
    ) -> None:
        """`not_copied_because`: why no other region has a copy; None where ObjectReplication makes one."""
        super().__init__(scope, construct_id)
        self._not_copied_because = not_copied_because
        self._removal_policy = removal_policy(protection)
        self.logs = log_bucket(
            self,
            "Logs",
            settings=settings.logs,
            removal_policy=self._removal_policy,
            logs_buckets=settings.data is not None or settings.backups is not None,
        )
        self.data = self._encrypted("Data", settings.data, encryption_key)
        self.backups = self._encrypted("Backups", settings.backups, encryption_key)

    def _encrypted(self, name: str, settings: BucketSettings | None, key: kms.IKey) -> s3.Bucket | None:
        if settings is None:
            return None
        bucket = private_bucket(
            self,
            name,
            settings=settings,
            removal_policy=self._removal_policy,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            # One call to KMS for many objects, not one for each.
            bucket_key_enabled=True,
            server_access_logs_bucket=self.logs,
            server_access_logs_prefix=f"s3/{name.lower()}/",
        )
        if self._not_copied_because:
            acknowledge(bucket, dict.fromkeys(NOT_COPIED, self._not_copied_because))
        return bucket
