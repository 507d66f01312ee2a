"""What the application's code may do in AWS."""

from __future__ import annotations

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from understudy.cluster import Cluster
from understudy.file_system import FileSystem
from understudy.permission import EVERY_RESOURCE, Permission, every_object, key_by_way_of

SHELL_REASON: Final = (
    "ECS Exec: channels of ssmmessages have no ARN, and logs:DescribeLogGroups looks among all log groups (Service "
    "Authorization Reference); the session is recorded."
)
OBJECTS_REASON: Final = (
    "Every object of the one bucket that the spec lets this service use; keys are the application's."
)
PROTECTION_REASON: Final = "A task protects itself; its ID is not known before it runs. Tasks of this cluster alone."


def shell(cluster: Cluster) -> Permission:
    """ECS Exec: the agent's channels, and the record of the session."""
    channels = [
        "logs:DescribeLogGroups",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    record = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return Permission(
        [
            iam.PolicyStatement(sid="ShellChannels", actions=channels, resources=["*"]),
            iam.PolicyStatement(sid="ShellRecord", actions=record, resources=[cluster.exec_log_group.attr_arn]),
            iam.PolicyStatement(sid="ShellKey", actions=["kms:Decrypt"], resources=[cluster.exec_key.key_arn]),
        ],
        {EVERY_RESOURCE: SHELL_REASON},
    )


def objects(stack: Stack, bucket: s3.Bucket, key: kms.IKey) -> Permission:
    """Read, write, list and delete in one bucket."""
    return Permission(
        [
            iam.PolicyStatement(sid="DataBucket", actions=["s3:ListBucket"], resources=[bucket.bucket_arn]),
            iam.PolicyStatement(
                sid="DataObjects",
                actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                resources=[f"{bucket.bucket_arn}/*"],
            ),
            key_by_way_of(stack, "s3", sid="DataKey", key=key, actions=["kms:Decrypt", "kms:GenerateDataKey"]),
        ],
        {every_object(bucket): OBJECTS_REASON},
    )


def mount(files: FileSystem) -> Permission:
    """The file system, by its access point alone."""
    return Permission(
        [
            iam.PolicyStatement(
                sid="Files",
                actions=["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                resources=[files.file_system.file_system_arn],
                conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": files.access_point.access_point_arn}},
            )
        ]
    )


def protect(stack: Stack, prefix: str, cluster: Cluster) -> Permission:
    """Hold scale-in off while it works: a task of this cluster, since its own ID is not known before."""
    any_task = f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:task/{prefix}/*"
    return Permission(
        [
            iam.PolicyStatement(
                sid="ScaleInProtection",
                actions=["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
                resources=[any_task],
                conditions={"ArnEquals": {"ecs:cluster": cluster.cluster.cluster_arn}},
            )
        ],
        {f"AwsSolutions-IAM5[Resource::{any_task}]": PROTECTION_REASON},
    )
