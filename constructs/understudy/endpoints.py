"""AWS services inside the VPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

READ_FROM_ANYWHERE: Final = ["s3:GetObject", "s3:GetObjectVersion"]
"""Image layers lie in buckets of AWS, and partners hand out links to theirs."""

OWN_ACCOUNT: Final[Mapping[str, Sequence[str]]] = {
    "s3": [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersion",
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:GetObjectAttributes",
        "s3:GetObjectTagging",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectTagging",
    ],
    "dynamodb": [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
    ],
}
"""What goes through a gateway endpoint to the account's own buckets and tables; to others', nothing is written."""


class Endpoints(Construct):
    """Gateway and interface endpoints for the private subnets.

    Gateway endpoints carry a policy: data leaves through them only into this account. Interface endpoints have none;
    what a service may do is its role's matter, and who may talk to them is their security group's.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        gateways: Sequence[str],
        interfaces: Sequence[str],
        security_group: ec2.ISecurityGroup | None,
    ) -> None:
        """`gateways` and `interfaces` name services as endpoint names do: `s3`, `ecr.api`."""
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        route_tables = [subnet.route_table.route_table_id for subnet in vpc.private_subnets]
        for service in gateways:
            ec2.CfnVPCEndpoint(
                self,
                f"Gateway-{service}",
                service_name=f"com.amazonaws.{stack.region}.{service}",
                vpc_id=vpc.vpc_id,
                vpc_endpoint_type="Gateway",
                route_table_ids=route_tables,
                policy_document=_policy(service, stack),
            )
        if security_group is None:
            return
        subnets = [subnet.subnet_id for subnet in vpc.private_subnets]
        groups = [security_group.security_group_id]
        for service in interfaces:
            ec2.CfnVPCEndpoint(
                self,
                f"Interface-{service}",
                service_name=f"com.amazonaws.{stack.region}.{service}",
                vpc_id=vpc.vpc_id,
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=subnets,
                security_group_ids=groups,
            )


def _policy(service: str, stack: Stack) -> dict[str, Any]:
    own = {
        "Sid": "OwnAccount",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": list(OWN_ACCOUNT[service]),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceAccount": stack.account}},
    }
    read = {
        "Sid": "ReadFromAnywhere",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": READ_FROM_ANYWHERE,
        "Resource": "*",
    }
    # Where functions inside the VPC answer CloudFormation: a bucket of AWS's, which wants the region without hyphens
    # (CloudFormation User Guide, VPC endpoints). The address that CloudFormation signed is good for one object.
    answers = {
        "Sid": "AnswersToCloudFormation",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["s3:PutObject"],
        "Resource": f"arn:{stack.partition}:s3:::cloudformation-custom-resource-response-{stack.region.replace('-', '')}/*",
    }
    return {"Version": "2012-10-17", "Statement": [own, read, answers] if service == "s3" else [own]}
