"""The record of a VPC's connections."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from template import actions, only, statements, synthesize

from understudy.flow_logs import FlowLogs

KEY_ARN = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_N4_only_this_accounts_flow_logs_may_write_and_only_there() -> None:
    """The role is for one service in one account, and for one log group."""

    def build(stack: Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-1", availability_zones=["us-west-2a"])
        FlowLogs(
            stack,
            "FlowLogs",
            prefix="shop-prod",
            vpc=vpc,
            retention_days=90,
            encryption_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN),
            removal_policy=RemovalPolicy.DESTROY,
        )

    template = synthesize(build)
    assert "/shop-prod/network/flow-logs" == only(template, "AWS::Logs::LogGroup")["LogGroupName"]
    (trust,) = only(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert {"StringEquals": {"aws:SourceAccount": "123456789012"}} == trust["Condition"]
    (grant,) = [statement for kind, statement in statements(template) if kind == "AWS::IAM::ManagedPolicy"]
    assert ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"] == actions(grant)
    assert "Fn::GetAtt" in grant["Resource"]
