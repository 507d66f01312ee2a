"""What judges say of a database, and why it stands."""

from __future__ import annotations

from typing import Final

from spec.data import Database
from spec.environment import Protection
from understudy.backup_findings import outside_plan

POSTGRESQL_PORT: Final = 5432
USUAL_PORT: Final = (
    "Another port hides nothing from whoever can reach the database: isolated subnets and a security group that names "
    "the dependent services decide who can."
)

SINGLE_ZONE: Final = (
    "AwsSolutions-RDS3",
    "CKV_AWS_157",
    "HIPAA.Security-RDSMultiAZSupport",
    "NIST.800.53.R5-RDSMultiAZSupport",
)
UNENCRYPTED: Final = (
    "AwsSolutions-RDS2",
    "CKV_AWS_16",
    "HIPAA.Security-RDSStorageEncrypted",
    "NIST.800.53.R5-RDSStorageEncrypted",
    "PCI.DSS.321-RDSStorageEncrypted",
)
UNPROTECTED: Final = (
    "AwsSolutions-RDS10",
    "HIPAA.Security-RDSInstanceDeletionProtectionEnabled",
    "NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled",
)
OUTSIDE_BACKUP_PLAN: Final = ("HIPAA.Security-RDSInBackupPlan", "NIST.800.53.R5-RDSInBackupPlan")


def primary(settings: Database, protection: Protection, *, planned: bool) -> dict[str, str]:
    """Findings on the instance that is written to. `planned`: whether AWS Backup takes it."""
    reasons = {**_either(protection), **outside_plan("RDS", planned=planned)}
    if settings.port == POSTGRESQL_PORT:
        reasons["AwsSolutions-RDS11"] = USUAL_PORT
    if not settings.multi_az:
        reasons |= dict.fromkeys(
            SINGLE_ZONE,
            "The environment's YAML asks for a database in one zone, which `understudy check` refuses for production.",
        )
    return reasons


def replica(protection: Protection) -> dict[str, str]:
    """Findings on an instance that follows another."""
    return {
        **_either(protection),
        # Of a replica, whose engine is its source's, the rule asks this whatever the port.
        "AwsSolutions-RDS11": USUAL_PORT,
        **dict.fromkeys(
            SINGLE_ZONE, "A replica is itself the second copy: with its zone, readers are lost for a time but no data."
        ),
        **dict.fromkeys(
            UNENCRYPTED,
            "A replica is encrypted as its source is, with the same key; RDS refuses the property on a replica.",
        ),
        **dict.fromkeys(
            OUTSIDE_BACKUP_PLAN, "Backups are taken of the source: those of a replica would hold the same rows later."
        ),
    }


def following(settings: Database, protection: Protection, *, follows: bool, planned: bool) -> dict[str, str]:
    """Findings on an instance that began as the replica of another region's."""
    reasons = {
        **_either(protection),
        "AwsSolutions-RDS11": USUAL_PORT,
        **dict.fromkeys(
            UNENCRYPTED,
            "It began as a replica across regions: RDS encrypts such a one as its source is, with the key that is given here, "
            "refuses the property on it, and CloudFormation would replace the database if it came later.",
        ),
    }
    if not settings.multi_az:
        reasons |= dict.fromkeys(SINGLE_ZONE, "The environment's YAML asks for a database in one zone.")
    if follows:
        reasons |= dict.fromkeys(
            OUTSIDE_BACKUP_PLAN, "Backups are taken of the source: those of a replica would hold the same rows later."
        )
    else:
        reasons |= outside_plan("RDS", planned=planned)
    return reasons


def _either(protection: Protection) -> dict[str, str]:
    if protection.deletion_protection:
        return {}
    reason = "The environment's YAML makes it one that is created and removed as a whole, without approval."
    return dict.fromkeys(UNPROTECTED, reason)
