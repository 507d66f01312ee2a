"""The environment's own KMS keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

ADMINISTRATION: Final = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
USE: Final = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]
"""Every cryptographic operation of a symmetric key, by name: KMS's documentation writes wildcards here."""


class Keys(Construct):
    """Three keys, so that who reads logs reads no data, and who reads data reads no secrets.

    Each key's policy is complete in this file: the keys are handed out as `IKey`, and a grant elsewhere adds to the
    grantee's role, never to the key. So the stack of keys refers to no other, and a review of key policies ends here.
    """

    data: kms.IKey
    """Database, cache, queue, buckets, file system, images."""
    secrets: kms.IKey
    """Everything in Secrets Manager."""
    logs: kms.IKey
    """Log groups, functions' settings, and the topic that alarms go to."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        rotation_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)

        def key(use: str, what: str, *services: iam.PolicyStatement) -> kms.IKey:
            return account_key(
                self,
                use.capitalize(),
                alias=f"{prefix}/{use}",
                description=f"{prefix}: {what}",
                rotation_days=rotation_days,
                removal_policy=removal_policy,
                services=services,
            )

        self.data = key("data", "data at rest")
        self.secrets = key("secrets", "secrets")
        self.logs = key("logs", "logs and alarms", _log_groups(stack), _alarms(stack))


def account_key(
    scope: Construct,
    construct_id: str,
    *,
    alias: str,
    description: str,
    rotation_days: int,
    removal_policy: RemovalPolicy,
    services: Sequence[iam.PolicyStatement] = (),
) -> kms.IKey:
    """A key that the account's IAM policies open, and `services` by their own names; `alias` without `alias/`."""
    key = kms.CfnKey(
        scope,
        construct_id,
        description=description,
        enable_key_rotation=True,
        rotation_period_in_days=rotation_days,
        # KMS waits at least a week; where data is kept, the longest time it offers to notice a mistake.
        pending_window_in_days=7 if removal_policy is RemovalPolicy.DESTROY else 30,
        key_policy=iam.PolicyDocument(statements=[*_account(), *services]),
    )
    key.apply_removal_policy(removal_policy)
    kms.CfnAlias(scope, f"{construct_id}Alias", alias_name=f"alias/{alias}", target_key_id=key.attr_key_id)
    return kms.Key.from_key_arn(scope, f"{construct_id}Key", key.attr_arn)


def _account() -> list[iam.PolicyStatement]:
    """Whoever the account's IAM policies name. Without these KMS would heed no IAM policy at all.

    The usual statement for this is `kms:*`; here grants are for AWS services only, so that nobody can hand the key to
    another account by a grant, which no policy would show.
    """
    account = iam.AccountRootPrincipal()
    return [
        iam.PolicyStatement(
            sid="AdministrationByIam", principals=[account], actions=list(ADMINISTRATION), resources=["*"]
        ),
        iam.PolicyStatement(sid="UseByIam", principals=[account], actions=list(USE), resources=["*"]),
        iam.PolicyStatement(
            sid="GrantsForServices",
            principals=[account],
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


def _log_groups(stack: Stack) -> iam.PolicyStatement:
    """CloudWatch Logs, for log groups of this account and region alone."""
    return iam.PolicyStatement(
        sid="LogGroups",
        principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
        actions=list(USE),
        resources=["*"],
        conditions={
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:*"
            }
        },
    )


def _alarms(stack: Stack) -> iam.PolicyStatement:
    """CloudWatch alarms, which publish to an encrypted topic as themselves and not by a role."""
    return iam.PolicyStatement(
        sid="Alarms",
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=["*"],
        conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
    )
