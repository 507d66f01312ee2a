"""Where backups are kept."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from constructs import Construct

from spec.backup import Lock
from understudy.keys import account_key

NEVER: Final = (
    "backup:DeleteBackupVault",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
)
"""What would lose a backup before its time. What AWS Backup itself deletes at the end of a retention asks no policy."""


def vault_name(prefix: str) -> str:
    """The same in each region, so that a region knows the other's vault without asking there."""
    return f"{prefix}-backups"


def vault_key_alias(prefix: str) -> str:
    """Of the vault's key, in each region; without `alias/`."""
    return f"{prefix}/backups"


class BackupVault(Construct):
    """A vault with a key of its own: who reads data reads no backups. With a lock, which refuses what is kept for less or more
    than allowed, nobody may delete from it.

    `arn` is built from names: the stand-in's plan of copies, and roles, need it before the vault is there.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        lock: Lock | None,
        rotation_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.key = account_key(
            self,
            "Key",
            alias=vault_key_alias(prefix),
            description=f"{prefix}: backups",
            rotation_days=rotation_days,
            removal_policy=removal_policy,
        )
        self.name = vault_name(prefix)
        self.arn = vault_arn(stack, prefix, stack.region)
        vault = backup.CfnBackupVault(
            self,
            "Resource",
            backup_vault_name=self.name,
            encryption_key_arn=self.key.key_arn,
            # Without a lock it may be emptied by hand, and then goes with its stack.
            access_policy=_policy() if lock else None,
            lock_configuration=backup.CfnBackupVault.LockConfigurationTypeProperty(
                min_retention_days=lock.min_days,
                max_retention_days=lock.max_days,
                # Only of compliance: with days after which it is for ever, a lock is no longer one of governance.
                changeable_for_days=lock.changeable_for_days,
            )
            if lock
            else None,
            backup_vault_tags={"Name": self.name},
        )
        vault.apply_removal_policy(removal_policy)
        self.resource = vault


def vault_arn(stack: Stack, prefix: str, region: str) -> str:
    """The vault of the environment in `region`."""
    return f"arn:{stack.partition}:backup:{region}:{stack.account}:backup-vault:{vault_name(prefix)}"


def _policy() -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "NobodyDeletes", "Effect": "Deny", "Principal": "*", "Action": list(NEVER), "Resource": "*"}
        ],
    }
