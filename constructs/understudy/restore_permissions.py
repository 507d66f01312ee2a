"""What the functions that look into stores and their copies may do, in the words of AWS's APIs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from understudy.backup_permissions import COPIES_REASON, FILES_REASON, RESTORED
from understudy.bucket_objects import judged_objects
from understudy.release_permissions import Place, everywhere, list_in_cluster, on_tasks, publish
from understudy.statement import Statement

MANIFESTS_REASON: Final = "The manifests of this kind of store, one for each day; nothing else lies under that path."
PASSWORDS_REASON: Final = (
    "RDS chooses the end of the name of a password that it manages; the tag, which it sets itself, names the database."
)
OWNER_TAG: Final = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
"""RDS User Guide, password management with Secrets Manager, tags of the secret."""
REVISIONS_REASON: Final = "Each copy has a revision of its own; the family is this environment's."


def judge_copies(place: Place, topic_arn: str, logs_key: kms.IKey) -> list[Statement]:
    """Read the restore, give the verdict, tell people."""
    return [
        everywhere("Jobs", "backup:DescribeRestoreJob", "backup:PutRestoreValidationResult"),
        *publish(topic_arn, logs_key, place),
    ]


def manifests(place: Place, bucket: s3.IBucket, kind: str, key: kms.IKey, *, written: bool = True) -> list[Statement]:
    """Read those of one kind, and write them."""
    path = f"manifests/{kind}/*"
    objects = ("s3:GetObject", "s3:PutObject") if written else ("s3:GetObject",)
    return [
        Statement("ListManifests", ("s3:ListBucket",), (bucket.bucket_arn,), {"StringLike": {"s3:prefix": path}}),
        Statement(
            "Manifests",
            objects,
            (f"{bucket.bucket_arn}/{path}",),
            because=MANIFESTS_REASON,
            judged=(judged_objects(bucket, path),),
        ),
        via_s3(place, "ManifestsKey", key, *(("kms:Decrypt", "kms:GenerateDataKey") if written else ("kms:Decrypt",))),
    ]


def via_s3(place: Place, sid: str, key: kms.IKey, *actions: str) -> Statement:
    """Use of a key by S3, for the caller."""
    return Statement(
        sid, actions, (key.key_arn,), {"StringEquals": {"kms:ViaService": f"s3.{place.region}.amazonaws.com"}}
    )


def restored_databases(place: Place, names: str, secrets_key: kms.IKey) -> list[Statement]:
    """Copies whose names are like `names`: have RDS give them a new password, and read that. Of no other database."""
    copies = place.arn("rds", f"db:{names}")
    passwords = place.arn("secretsmanager", "secret:rds!db-*")
    via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{place.region}.amazonaws.com"}}
    return [
        Statement("Copies", ("rds:DescribeDBInstances", "rds:ModifyDBInstance"), (copies,), because=COPIES_REASON),
        Statement(
            "NewPasswords",
            ("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
            (passwords,),
            because=PASSWORDS_REASON,
        ),
        Statement(
            "Passwords",
            ("secretsmanager:GetSecretValue",),
            (passwords,),
            {"StringLike": {OWNER_TAG: copies}},
            PASSWORDS_REASON,
        ),
        Statement("PasswordsKey", ("kms:Decrypt", "kms:GenerateDataKey"), (secrets_key.key_arn,), via),
        Statement("PasswordsKeyState", ("kms:DescribeKey",), (secrets_key.key_arn,)),
        Statement(
            "PasswordsKeyGrant",
            ("kms:CreateGrant",),
            (secrets_key.key_arn,),
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


def live_database(secret_arn: str) -> list[Statement]:
    """Log in as the application does. The key of its secret is the one of the copies' passwords."""
    return [Statement("Login", ("secretsmanager:GetSecretValue",), (secret_arn,))]


def buckets(place: Place, bucket: s3.IBucket) -> list[Statement]:
    """Read the bucket and copies of it. The key of all is the manifests'."""
    copies = f"arn:{place.partition}:s3:::{RESTORED}*"
    return [
        Statement("Bucket", ("s3:ListBucket",), (bucket.bucket_arn,)),
        Statement(
            "Objects",
            ("s3:GetObject",),
            (f"{bucket.bucket_arn}/*",),
            because="The hashes of their keys decide which objects are sampled, and anybody may add one.",
            judged=(judged_objects(bucket),),
        ),
        Statement("Copies", ("s3:ListBucket",), (copies,), because=COPIES_REASON),
        Statement("CopiesOfObjects", ("s3:GetObject",), (f"{copies}/*",), because=COPIES_REASON),
    ]


def files(place: Place, *, family: str, role_arns: Sequence[str], log_group: str) -> list[Statement]:
    """Run the task on the file system, and on copies that it mounts; read what it printed."""
    in_cluster = {"ArnEquals": {"ecs:cluster": place.cluster}}
    families = tuple(place.arn("ecs", f"task-definition/{name}:*") for name in (family, f"{family}-copy"))
    return [
        Statement("RunTasks", ("ecs:RunTask",), families, in_cluster, REVISIONS_REASON),
        list_in_cluster(place, "ListTasks", "ecs:ListTasks"),
        on_tasks(place, "ecs:DescribeTasks"),
        everywhere("ReadDefinitions", "ecs:DescribeTaskDefinition"),
        Statement("NewRevisions", ("ecs:RegisterTaskDefinition",), families[1:], because=REVISIONS_REASON),
        Statement(
            "Roles",
            ("iam:PassRole",),
            role_arns,
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Statement(
            "Output",
            ("logs:GetLogEvents",),
            (place.arn("logs", f"log-group:{log_group}:log-stream:look/*"),),
            because=("Each task writes a stream of its own; the group is that of this task alone."),
        ),
        Statement(
            "MountTargets",
            (
                "elasticfilesystem:CreateMountTarget",
                "elasticfilesystem:DeleteMountTarget",
                "elasticfilesystem:DescribeMountTargets",
            ),
            (place.arn("elasticfilesystem", "file-system/*"),),
            {"Null": {"aws:ResourceTag/awsbackup-restore-test": "false"}},
            FILES_REASON,
        ),
        Statement(
            "Interfaces",
            ("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
            (place.arn("ec2", "*/*"),),
            because="EFS makes and removes the mount target's interface in the caller's name; it has an ID that nobody knows before.",
        ),
        everywhere("Network", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    ]
