"""The key of what stands at the edge, in the region where CloudFront wants it."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from understudy.keys import ADMINISTRATION, USE


class EdgeKey(Construct):
    """One key for static files, the firewall's log and the topic of the edge's alarms. KMS keys do not leave a region.

    Its policy is complete here, like those of the environment's other keys (`keys.py`): the account's IAM policies,
    CloudWatch Logs of this region, alarms, and CloudFront. CloudFront cannot be held to the one distribution: that
    refers to the bucket, which refers to the key. The bucket's own policy names it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, prefix: str, rotation_days: int, removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        partition, account, region = stack.partition, stack.account, stack.region
        root = iam.AccountRootPrincipal()
        of_account = {"aws:SourceAccount": account}
        key = kms.CfnKey(
            self,
            "Resource",
            description=f"{prefix}: static files, firewall log and alarms at the edge",
            enable_key_rotation=True,
            rotation_period_in_days=rotation_days,
            pending_window_in_days=7 if removal_policy is RemovalPolicy.DESTROY else 30,
            key_policy=iam.PolicyDocument(
                statements=[
                    _statement("AdministrationByIam", root, list(ADMINISTRATION)),
                    _statement("UseByIam", root, list(USE)),
                    _statement(
                        "GrantsForServices",
                        root,
                        ["kms:CreateGrant"],
                        {"Bool": {"kms:GrantIsForAWSResource": "true"}},
                    ),
                    _statement(
                        "LogGroups",
                        iam.ServicePrincipal(f"logs.{region}.amazonaws.com"),
                        list(USE),
                        {
                            "ArnLike": {
                                "kms:EncryptionContext:aws:logs:arn": (
                                    f"arn:{partition}:logs:{region}:{account}:log-group:*"
                                )
                            }
                        },
                    ),
                    _statement(
                        "Alarms",
                        iam.ServicePrincipal("cloudwatch.amazonaws.com"),
                        ["kms:Decrypt", "kms:GenerateDataKey"],
                        {"StringEquals": of_account},
                    ),
                    _statement(
                        "Distributions",
                        iam.ServicePrincipal("cloudfront.amazonaws.com"),
                        ["kms:Decrypt"],
                        {
                            "StringEquals": of_account,
                            "ArnLike": {"aws:SourceArn": f"arn:{partition}:cloudfront::{account}:distribution/*"},
                        },
                    ),
                ]
            ),
        )
        key.apply_removal_policy(removal_policy)
        kms.CfnAlias(self, "Alias", alias_name=f"alias/{prefix}/edge", target_key_id=key.attr_key_id)
        self.key: kms.IKey = kms.Key.from_key_arn(self, "Key", key.attr_arn)


def _statement(
    sid: str, principal: iam.IPrincipal, actions: list[str], conditions: dict[str, object] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, principals=[principal], actions=actions, resources=["*"], conditions=conditions)
