"""Where alarms go, and what else people must hear."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct


class AlarmTopic(Construct):
    """An encrypted topic, and the people who hear it.

    CloudWatch's alarms of this account may publish, and roles of the account whose own policies say so; each only over
    TLS. `key` must admit cloudwatch.amazonaws.com, since alarms publish as themselves and not by a role. A role needs the
    key too (`publish` in release_permissions.py).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        name: str,
        key: kms.IKey,
        addresses: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        topic = sns.CfnTopic(
            self, "Resource", topic_name=name, display_name=f"{prefix} alarms", kms_master_key_id=key.key_arn
        )
        self.arn = topic.ref
        sns.CfnTopicPolicy(
            self,
            "Policy",
            topics=[topic.ref],
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Alarms",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"StringEquals": {"aws:SourceAccount": stack.account}},
                    },
                    {
                        "Sid": "TlsOnly",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sns:Publish",
                        "Resource": topic.ref,
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        )
        for index, address in enumerate(addresses):
            sns.CfnSubscription(self, f"Email{index}", topic_arn=topic.ref, protocol="email", endpoint=address)
