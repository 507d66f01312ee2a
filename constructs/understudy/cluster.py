"""The ECS cluster: Fargate, Container Insights, and shells into tasks that leave a record."""

from __future__ import annotations

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec.monitoring import Monitoring
from understudy.encrypted_log_group import encrypted_log_group

INSIGHTS_DAYS: Final = 7
"""CloudWatch makes metrics of these records at once; a week of them answers questions after an incident."""


class Cluster(Construct):
    """`<prefix>`: where tasks run.

    What is typed in ECS Exec goes to the log group `/<prefix>-exec`, and the session itself is encrypted with the same
    key. The records of Container Insights get their log group beforehand: CloudWatch would make one without a key.

    Tasks started without a choice run on FARGATE; Spot would take some away in the middle of a release.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        vpc: ec2.IVpc,
        key: kms.IKey,
        monitoring: Monitoring,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.exec_key = key
        self.exec_log_group = encrypted_log_group(
            self,
            "ExecLog",
            name=f"/{prefix}-exec",
            key=key,
            retention_days=monitoring.log_retention_days,
            removal_policy=removal_policy,
        )
        resource = ecs.CfnCluster(
            self,
            "Resource",
            cluster_name=prefix,
            capacity_providers=["FARGATE"],
            default_capacity_provider_strategy=[
                ecs.CfnCluster.CapacityProviderStrategyItemProperty(capacity_provider="FARGATE", weight=1)
            ],
            cluster_settings=[
                ecs.CfnCluster.ClusterSettingsProperty(name="containerInsights", value=monitoring.container_insights)
            ],
            configuration=ecs.CfnCluster.ClusterConfigurationProperty(
                execute_command_configuration=ecs.CfnCluster.ExecuteCommandConfigurationProperty(
                    kms_key_id=key.key_arn,
                    logging="OVERRIDE",
                    log_configuration=ecs.CfnCluster.ExecuteCommandLogConfigurationProperty(
                        cloud_watch_log_group_name=self.exec_log_group.ref, cloud_watch_encryption_enabled=True
                    ),
                )
            ),
        )
        if monitoring.container_insights != "disabled":
            insights = encrypted_log_group(
                self,
                "InsightsLog",
                name=f"/aws/ecs/containerinsights/{prefix}/performance",
                key=key,
                retention_days=INSIGHTS_DAYS,
                removal_policy=RemovalPolicy.DESTROY,
            )
            resource.add_resource_dependency(insights)
        self.cluster = ecs.Cluster.from_cluster_attributes(
            self, "Cluster", cluster_name=resource.ref, cluster_arn=resource.attr_arn, vpc=vpc, has_ec2_capacity=False
        )
