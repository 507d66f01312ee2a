"""The role by which RDS hands over the operating system's metrics."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from understudy.acknowledgement import acknowledge

POLICY = "service-role/AmazonRDSEnhancedMonitoringRole"


def monitoring_role(scope: Construct, construct_id: str) -> iam.Role:
    """A role of this account's RDS, with the policy that RDS documents for Enhanced Monitoring."""
    role = iam.Role(
        scope,
        construct_id,
        description="Lets RDS write the operating system's metrics",
        assumed_by=iam.ServicePrincipal(
            "monitoring.rds.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        ),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(POLICY)],
    )
    acknowledge(
        role,
        {
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{POLICY}]": "RDS documents this policy for "
            "Enhanced Monitoring; it writes to log groups whose names start with RDS and allows nothing else."
        },
    )
    return role
