"""What ECS may do to start a task: pull its image, read its secrets, write its log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager

from understudy.permission import EVERY_RESOURCE, Permission, key_by_way_of

ECR_IMAGE: Final = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^@:]+)")

REGISTRY_REASON: Final = (
    "ecr:GetAuthorizationToken has no finer resource: the token is for the registry as a whole, and what may be pulled "
    "with it is said by the statement after it."
)


def pull(stack: Stack, image: str | None, repository: ecr.IRepository | None) -> Permission:
    """The one image: from `repository`, or the spec's own `image`. A registry outside ECR asks for no AWS permission."""
    arn = repository.repository_arn if repository else None
    match = ECR_IMAGE.match(image or "")
    if match is not None:
        arn = f"arn:{stack.partition}:ecr:{match['region']}:{match['account']}:repository/{match['name']}"
    if arn is None:
        return Permission([])
    return Permission(
        [
            iam.PolicyStatement(sid="RegistryToken", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                sid="Image",
                actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=[arn],
            ),
        ],
        {EVERY_RESOURCE: REGISTRY_REASON},
    )


def write_log(log_group: logs.CfnLogGroup) -> Permission:
    """The streams of one group: the ARN that CloudFormation returns ends in `:*`."""
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return Permission([iam.PolicyStatement(sid="Log", actions=actions, resources=[log_group.attr_arn])])


def read_secrets(stack: Stack, secrets: Sequence[secretsmanager.ISecret], key: kms.IKey) -> Permission:
    """Exactly these, and their key through Secrets Manager alone."""
    if not secrets:
        return Permission([])
    return Permission(
        [
            iam.PolicyStatement(
                sid="Secrets",
                actions=["secretsmanager:GetSecretValue"],
                resources=[secret.secret_arn for secret in secrets],
            ),
            key_by_way_of(stack, "secretsmanager", sid="SecretsKey", key=key, actions=["kms:Decrypt"]),
        ]
    )
