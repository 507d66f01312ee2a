"""VPC, endpoints, security groups, flow logs."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.custom_resource import CLOSE_DEFAULT_GROUP, keep_log
from understudy.endpoints import Endpoints
from understudy.flow_logs import FlowLogs
from understudy.isolation import Isolation
from understudy.keys import Keys
from understudy.network import Network
from understudy.removal import removal_policy
from understudy.security_groups import SecurityGroups


class NetworkStack(Stack):
    """The network of an environment, with every security group in it."""

    vpc: ec2.Vpc
    security_groups: SecurityGroups

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        keys: Keys,
        **settings: Unpack[StackSettings],
    ) -> None:
        self._zones = list(deployment.availability_zones)
        super().__init__(scope, construct_id, **settings)
        network = deployment.network
        self.vpc = Network(
            self, "Network", name=deployment.prefix, settings=network, availability_zones=self._zones
        ).vpc
        self.security_groups = SecurityGroups(self, "SecurityGroups", vpc=self.vpc, deployment=deployment)
        Endpoints(
            self,
            "Endpoints",
            vpc=self.vpc,
            gateways=network.gateway_endpoints,
            interfaces=network.interface_endpoints,
            security_group=self.security_groups.endpoints,
        )
        Isolation(self, "Isolation", vpc=self.vpc)
        FlowLogs(
            self,
            "FlowLogs",
            prefix=deployment.prefix,
            vpc=self.vpc,
            retention_days=network.flow_log_retention_days,
            encryption_key=keys.logs,
            removal_policy=removal_policy(deployment.protection),
        )
        keep_log(
            self,
            CLOSE_DEFAULT_GROUP,
            prefix=deployment.prefix,
            key=keys.logs,
            retention_days=deployment.monitoring.log_retention_days,
        )

    @property
    def availability_zones(self) -> list[str]:
        """Zones of the spec: the base class would look them up in the account, even for a VPC that was given some."""
        return self._zones
