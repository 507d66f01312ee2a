"""What AWS Backup may do in the environment's name.

After AWS's managed policies AWSBackupServiceRolePolicyForBackup and -ForS3Backup, -ForRestores and -ForS3Restore (AWS Backup
Developer Guide, managed policies), of which these are the parts for RDS, S3 and EFS, held to the environment's own resources:
the managed ones reach every database, bucket, volume and table of the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from spec.deployment import Resource
from understudy.backup_vault import vault_key_alias, vault_name
from understudy.keys import USE
from understudy.release_permissions import Place, everywhere
from understudy.statement import Statement

RESTORED: Final = "awsbackup-restore-test-"
"""What the names of everything begin with that a restore test makes (AWS Backup Developer Guide, restore testing)."""

SNAPSHOTS_REASON: Final = "AWS Backup chooses what its snapshots are called; all of them begin with awsbackup:."
OBJECTS_REASON: Final = "Every object of the one bucket: a backup has all of them."
RULES_REASON: Final = (
    "The rule by which AWS Backup hears of changes in the bucket; the end of its name is AWS's choice."
)
COPIES_REASON: Final = "The names of restored copies begin so, and AWS Backup chooses the rest."
FILES_REASON: Final = "A new file system has an ID that nobody knows before; the tag says what it was made for."


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A resource of the environment that AWS Backup takes."""

    kind: Resource
    arn: str
    name: str
    """Of the database or bucket; the ID of the file system."""
    key_arn: str
    """Of the key that it is encrypted with."""
    judged_objects: str = ""
    """What the judges call a bucket's objects."""


def backups(place: Place, resources: Sequence[BackedUp], *, key_arn: str, copied_to: str | None) -> list[Statement]:
    """Take them, copy them, and remove each once its time is over.

    `key_arn`: of the vault's key. `copied_to`: the region of copies.
    """
    places = [place, *([replace(place, region=copied_to)] if copied_to else [])]
    found = [
        Statement(
            "Vaults",
            ("backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"),
            [each.arn("backup", f"backup-vault:{vault_name(place.prefix)}") for each in places],
        ),
        Statement(
            "RecoveryPoints",
            ("backup:TagResource",),
            [each.arn("backup", "recovery-point:*") for each in places],
            because="A recovery point gets the tags of what it is of, and an ID that AWS Backup chooses.",
        ),
        everywhere("Tags", "tag:GetResources"),
        *_keys(resources, [key_arn]),
    ]
    for there in places[1:]:
        found += _keys_there(there)
    for resource in resources:
        match resource.kind:
            case "database":
                found += _database(places, resource)
            case "data":
                found += _bucket(place, resource)
            case _:
                found.append(
                    Statement(
                        "FileSystem", ("elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"), (resource.arn,)
                    )
                )
    return found


def restores(place: Place, resources: Sequence[BackedUp], vault_arn: str, key_arns: Sequence[str]) -> list[Statement]:
    """Restore them beside themselves, under names that say what for, and remove those again."""
    found = [
        Statement("Vault", ("backup:DescribeBackupVault",), (vault_arn,)),
        *_keys(resources, key_arns),
    ]
    for resource in resources:
        match resource.kind:
            case "database":
                found += _restored_database(place)
            case "data":
                found += _restored_bucket(place)
            case _:
                found += _restored_files(place, resource)
    return found


def _keys(resources: Sequence[BackedUp], key_arns: Sequence[str]) -> list[Statement]:
    """Read with the resources' keys, write with the vaults'; by grants for services alone."""
    own = tuple(dict.fromkeys((*(each.key_arn for each in resources), *key_arns)))
    return [
        Statement(
            "Keys",
            (
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ),
            own,
        ),
        Statement("KeyGrants", ("kms:CreateGrant",), own, {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
    ]


def _keys_there(there: Place) -> list[Statement]:
    """Write with the key of the vault in the region of copies, of which this one's templates know the alias alone."""
    keys = (there.arn("kms", "key/*"),)
    named = {"kms:ResourceAliases": f"alias/{vault_key_alias(there.prefix)}"}
    because = "The key has an ID that its own region chose; the condition holds it to the one with the vault's alias."
    return [
        Statement(
            "KeyThere",
            USE,
            keys,
            {"ForAnyValue:StringEquals": named},
            because,
        ),
        Statement(
            "KeyGrantsThere",
            ("kms:CreateGrant",),
            keys,
            {"Bool": {"kms:GrantIsForAWSResource": "true"}, "ForAnyValue:StringEquals": named},
            because,
        ),
    ]


def _database(places: Sequence[Place], database: BackedUp) -> list[Statement]:
    """A copy is a snapshot of RDS in the other region, which the role makes and removes there."""
    return [
        Statement(
            "Database",
            (
                "rds:CreateDBSnapshot",
                "rds:DescribeDBInstances",
                "rds:DescribeDBSnapshots",
                "rds:ListTagsForResource",
            ),
            (database.arn,),
        ),
        Statement(
            "Snapshots",
            (
                "rds:AddTagsToResource",
                "rds:CopyDBSnapshot",
                "rds:CreateDBSnapshot",
                "rds:DeleteDBSnapshot",
                "rds:DescribeDBSnapshots",
                "rds:ListTagsForResource",
            ),
            [each.arn("rds", "snapshot:awsbackup:*") for each in places],
            because=SNAPSHOTS_REASON,
        ),
    ]


def _bucket(place: Place, bucket: BackedUp) -> list[Statement]:
    rules = place.arn("events", "rule/AwsBackupManagedRule*")
    return [
        Statement(
            "Bucket",
            (
                "s3:GetBucketAcl",
                "s3:GetBucketLocation",
                "s3:GetBucketNotification",
                "s3:GetBucketTagging",
                "s3:GetBucketVersioning",
                "s3:GetInventoryConfiguration",
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:PutBucketNotification",
                "s3:PutInventoryConfiguration",
            ),
            (bucket.arn,),
        ),
        Statement(
            "Objects",
            (
                "s3:GetObject",
                "s3:GetObjectAcl",
                "s3:GetObjectTagging",
                "s3:GetObjectVersion",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
            ),
            (f"{bucket.arn}/*",),
            because=OBJECTS_REASON,
            judged=(bucket.judged_objects,),
        ),
        everywhere("Buckets", "s3:ListAllMyBuckets", "cloudwatch:GetMetricData", "events:ListRules"),
        Statement(
            "Changes",
            (
                "events:DeleteRule",
                "events:DescribeRule",
                "events:DisableRule",
                "events:EnableRule",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
            ),
            (rules,),
            because=RULES_REASON,
        ),
    ]


def _restored_database(place: Place) -> list[Statement]:
    copies = place.arn("rds", f"db:{RESTORED}*")
    snapshots = place.arn("rds", "snapshot:awsbackup:*")
    groups = tuple(place.arn("rds", f"{kind}:*") for kind in ("og", "pg", "subgrp"))
    return [
        Statement(
            "Copies",
            (
                "rds:AddTagsToResource",
                "rds:DeleteDBInstance",
                "rds:DescribeDBInstances",
                "rds:ListTagsForResource",
                "rds:ModifyDBInstance",
                "rds:RestoreDBInstanceFromDBSnapshot",
            ),
            (copies,),
            because=COPIES_REASON,
        ),
        Statement(
            "FromSnapshots",
            ("rds:DescribeDBSnapshots", "rds:ListTagsForResource", "rds:RestoreDBInstanceFromDBSnapshot"),
            (snapshots,),
            because=SNAPSHOTS_REASON,
        ),
        Statement(
            "CopiesGroups",
            ("rds:RestoreDBInstanceFromDBSnapshot",),
            groups,
            because="Groups of options, parameters and subnets: CloudFormation or RDS chooses their names. They are used, not changed.",
        ),
        everywhere("Network", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
    ]


def _restored_bucket(place: Place) -> list[Statement]:
    bucket = f"arn:{place.partition}:s3:::{RESTORED}*"
    return [
        Statement(
            "CopiesOfBuckets",
            (
                "s3:CreateBucket",
                "s3:DeleteBucket",
                "s3:GetBucketLocation",
                "s3:GetBucketOwnershipControls",
                "s3:GetBucketVersioning",
                "s3:GetLifecycleConfiguration",
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
            ),
            (bucket,),
            because=COPIES_REASON,
        ),
        Statement(
            "CopiesOfObjects",
            (
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:GetObject",
                "s3:GetObjectAcl",
                "s3:GetObjectTagging",
                "s3:GetObjectVersion",
                "s3:GetObjectVersionAcl",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
                "s3:PutObjectAcl",
                "s3:PutObjectTagging",
                "s3:PutObjectVersionAcl",
            ),
            (f"{bucket}/*",),
            because=COPIES_REASON,
        ),
    ]


def _restored_files(place: Place, files: BackedUp) -> list[Statement]:
    new = place.arn("elasticfilesystem", "file-system/*")
    tagged = {"Null": {"aws:ResourceTag/awsbackup-restore-test": "false"}}
    return [
        Statement("FileSystem", ("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:Restore"), (files.arn,)),
        Statement(
            "NewFileSystem",
            (
                "elasticfilesystem:CreateFileSystem",
                "elasticfilesystem:DescribeFileSystems",
                "elasticfilesystem:Restore",
                "elasticfilesystem:TagResource",
            ),
            (new,),
            because=FILES_REASON,
        ),
        Statement("OldCopies", ("elasticfilesystem:DeleteFileSystem",), (new,), tagged, FILES_REASON),
    ]
