"""An app with one deliberate fault for each judge, and acknowledgements of each kind. Run by the tests: FOLDER."""

import sys
from pathlib import Path

from aws_cdk import App, CfnResource, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm

from judges.synthesis import synthesize
from understudy.acknowledgement import acknowledge


def build(app: App) -> None:
    """One stack of faults."""
    stack = Stack(app, "data", env=Environment(account="123456789012", region="us-west-2"))
    bucket = s3.Bucket(stack, "Bucket")
    acknowledge(bucket, {"AwsSolutions-S1": "The bucket holds nothing that anybody may read or will want to audit"})
    acknowledge(bucket, {"AwsSolutions-RDS2": "Suppresses nothing, since the construct holds no database at all"})
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["s3:*"], resources=["*"]))
    acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": "fine for now"})
    log_group = logs.LogGroup(stack, "Logs")
    logs.MetricFilter(
        stack,
        "Filter",
        log_group=log_group,
        metric_namespace="Faults",
        metric_name="Bracket",
        # CloudFormation takes it, CloudWatch Logs does not.
        filter_pattern=logs.FilterPattern.literal("[time, level=ERROR, message"),
    )
    CfnResource(stack, "Misspelt", type="AWS::S3::Bucket", properties={"BucketNam": "faults"})
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["us-west-2a"], restrict_default_security_group=False)
    group = ec2.SecurityGroup(stack, "Open", vpc=vpc)
    group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22), "Anybody may try")
    ssm.StringParameter(stack, "Leak", string_value="AKIAIOSFODNN7EXAMPLF")


synthesize(build, out=Path(sys.argv[1]))
