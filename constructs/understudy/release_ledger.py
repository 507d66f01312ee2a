"""Where functions write down what has happened in a release."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.state_table import state_table

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
        table = state_table(
            self,
            "Resource",
            keys={"release": "HASH", "entry": "RANGE"},
            key=key,
            deletion_protection=deletion_protection,
            removal_policy=removal_policy,
            without_backup_because=BACKUP_REASON,
        )
        self.name = table.ref
        self.arn = table.attr_arn
        self.key = key
