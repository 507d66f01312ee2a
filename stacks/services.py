"""The application's containers, and how requests reach them."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from spec import Deployment
from stacks.data import DataStack
from stacks.settings import StackSettings
from understudy.cluster import Cluster
from understudy.keys import Keys
from understudy.load_balancer import LoadBalancer
from understudy.removal import removal_policy
from understudy.routing import InternalZone, add_rules
from understudy.scaling import ServiceScaling
from understudy.security_groups import SecurityGroups
from understudy.service import Service
from understudy.service_environment import Backends


class ServicesStack(Stack):
    """Cluster, load balancer, services with their scaling, and the names by which they find each other."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        vpc: ec2.IVpc,
        security_groups: SecurityGroups,
        keys: Keys,
        data: DataStack,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        removal = removal_policy(deployment.protection)
        backends = Backends(
            database=data.database,
            cache=data.cache,
            queue=data.queue,
            data_bucket=data.buckets.data,
            files=data.files,
            application_secrets=data.application_secrets,
            repositories=data.repositories,
        )
        self.cluster = Cluster(
            self,
            "Cluster",
            prefix=deployment.prefix,
            vpc=vpc,
            key=keys.logs,
            monitoring=deployment.monitoring,
            removal_policy=removal,
        )
        self.load_balancer = LoadBalancer(
            self,
            "LoadBalancer",
            deployment=deployment,
            vpc=vpc,
            security_group=self._attached("load-balancer", security_groups.load_balancer),
            log_bucket=data.buckets.logs,
        )
        self.services = {
            name: Service(
                self,
                name,
                deployment=deployment,
                name=name,
                vpc=vpc,
                security_group=self._attached(name, security_groups.services[name]),
                cluster=self.cluster,
                backends=backends,
                data_key=keys.data,
                secrets_key=keys.secrets,
                logs_key=keys.logs,
                removal_policy=removal,
            )
            for name in deployment.services
        }
        target_groups = {name: service.target_group for name, service in self.services.items() if service.target_group}
        add_rules(deployment, self.load_balancer.listener, target_groups)
        InternalZone(self, "InternalZone", deployment=deployment, vpc=vpc, load_balancer=self.load_balancer)
        for name, service in self.services.items():
            scaling = service.spec.scaling
            if scaling is not None and deployment.released(name):
                ServiceScaling(
                    self,
                    f"{name}-scaling",
                    deployment=deployment,
                    service=service,
                    scaling=scaling,
                    alb=self.load_balancer.alb,
                    broker_name=data.queue.broker_name if data.queue else None,
                )

    def _attached(self, name: str, group: ec2.ISecurityGroup) -> ec2.ISecurityGroup:
        """The group as it is: CDK would add rules of its own to a mutable one, and tie the stacks into a circle."""
        return ec2.SecurityGroup.from_security_group_id(self, f"{name}-group", group.security_group_id, mutable=False)
