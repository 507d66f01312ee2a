"""Object storage."""

from __future__ import annotations

from typing import Final

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

RECORDS: Final = BucketSettings(infrequent_access_after_days=30)
"""Kept for ever: a report is a few kilobytes, and an auditor may ask for any of them."""
RECORDS_STAY: Final = (
    "It holds what happened in this region, which the other one has no use for; people were told the same in a message."
)


class Buckets(Construct):
    """Buckets by purpose: versioned, private, TLS only, with access logs. The CDN's assets lie beside the CDN."""

    logs: s3.Bucket
    """Access logs of the other buckets, the load balancer and the CDN."""
    data: s3.Bucket | None
    """What the application stores; None where the spec has none."""
    backups: s3.Bucket | None
    """Exports and dumps; None where the spec has none."""
    records: s3.Bucket | None
    """Reports about failovers and drills; None where nothing stands in."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Storage,
        protection: Protection,
        encryption_key: kms.IKey,
        not_copied_because: str | None,
        records: bool = False,
    ) -> None:
        """`not_copied_because`: why no other region has a copy; None where ObjectReplication makes one. `records`: whether there
        is a bucket for reports.
        """
        super().__init__(scope, construct_id)
        self._removal_policy = removal_policy(protection)
        self.logs = log_bucket(
            self,
            "Logs",
            settings=settings.logs,
            removal_policy=self._removal_policy,
            logs_buckets=records or settings.data is not None or settings.backups is not None,
        )
        self.data = self._encrypted("Data", settings.data, encryption_key, not_copied_because)
        self.backups = self._encrypted("Backups", settings.backups, encryption_key, not_copied_because)
        self.records = self._encrypted("Records", RECORDS if records else None, encryption_key, RECORDS_STAY)

    def _encrypted(
        self, name: str, settings: BucketSettings | None, key: kms.IKey, not_copied_because: str | None
    ) -> s3.Bucket | None:
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
        if not_copied_because:
            acknowledge(bucket, dict.fromkeys(NOT_COPIED, not_copied_because))
        return bucket
