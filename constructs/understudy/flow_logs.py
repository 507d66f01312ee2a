"""A record of the VPC's connections."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from understudy.encrypted_log_group import encrypted_log_group


class FlowLogs(Construct):
    """Every accepted and rejected connection of a VPC, in an encrypted log group."""

    log_group: logs.CfnLogGroup

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        vpc: ec2.IVpc,
        retention_days: int,
        encryption_key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        """`retention_days`: a period that CloudWatch Logs offers (`spec.tables.logs`)."""
        super().__init__(scope, construct_id)
        self.log_group = encrypted_log_group(
            self,
            "LogGroup",
            name=f"/{prefix}/network/flow-logs",
            key=encryption_key,
            retention_days=retention_days,
            removal_policy=removal_policy,
        )
        ec2.CfnFlowLog(
            self,
            "Resource",
            resource_id=vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=self.log_group.attr_arn,
            deliver_logs_permission_arn=self._role().role_arn,
        )

    def _role(self) -> iam.Role:
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Write flow logs",
            statements=[
                iam.PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    # The ARN that CloudFormation returns ends in `:*`: the group's streams.
                    resources=[self.log_group.attr_arn],
                )
            ],
        )
        return iam.Role(
            self,
            "Role",
            description="Writes flow logs",
            assumed_by=iam.ServicePrincipal(
                "vpc-flow-logs.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
            managed_policies=[policy],
        )
