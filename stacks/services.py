"""The application's containers, and how requests reach them."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec import Deployment
from stacks.data import DataStack
from stacks.settings import StackSettings
from understudy.certificate import certificate
from understudy.cluster import Cluster
from understudy.keys import Keys
from understudy.load_balancer import LoadBalancer
from understudy.removal import removal_policy
from understudy.routing import InternalZone, add_host_rules, add_path_rules
from understudy.scaling import ServiceScaling
from understudy.security_groups import SecurityGroups
from understudy.service import Service
from understudy.service_environment import Backends


class ServicesStack(Stack):
    """Cluster, load balancer, services with their scaling, and the names by which they find each other.

    `load_balancer` is where users come in, `internal_load_balancer` where services call each other: the same one behind
    a CDN.
    """

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
        edge = deployment.edge
        self.certificate = certificate(
            self,
            "Certificate",
            hosted_zone=edge.hosted_zone,
            domain=edge.domain,
            alternative=(f"*.{deployment.internal_domain}",),
        )
        self._load_balancers(deployment, vpc, security_groups, data.buckets.logs)
        self.services = {
            name: Service(
                self,
                name,
                deployment=deployment,
                name=name,
                vpc=vpc,
                security_group=self._attached(name, security_groups.services[name]),
                cluster=self.cluster,
                load_balancer=self.load_balancer,
                internal_load_balancer=self.internal_load_balancer,
                backends=backends,
                data_key=keys.data,
                secrets_key=keys.secrets,
                logs_key=keys.logs,
                removal_policy=removal,
            )
            for name in deployment.services
        }
        add_path_rules(deployment, self.load_balancer.listener, self.services)
        add_host_rules(deployment, self.internal_load_balancer.listener, self.services)
        InternalZone(self, "InternalZone", deployment=deployment, vpc=vpc, load_balancer=self.internal_load_balancer)
        for name, service in self.services.items():
            scaling = service.spec.scaling
            if scaling is not None and deployment.released(name):
                ServiceScaling(
                    self,
                    f"{name}-scaling",
                    deployment=deployment,
                    service=service,
                    scaling=scaling,
                    broker_name=data.queue.broker_name if data.queue else None,
                )

    def _load_balancers(
        self, deployment: Deployment, vpc: ec2.IVpc, security_groups: SecurityGroups, log_bucket: s3.IBucket
    ) -> None:
        """One with private addresses for everything; or a public one, and a private one for calls between services.

        Calls must not come back in by a public address, where their security groups mean nothing and anybody could
        send the name of a private service as Host.
        """
        group = self._attached("load-balancer", security_groups.load_balancer)

        def load_balancer(construct_id: str, name: str, *, public: bool) -> LoadBalancer:
            return LoadBalancer(
                self,
                construct_id,
                name=f"{deployment.prefix}-{name}",
                public=public,
                certificate_arn=self.certificate.ref,
                vpc=vpc,
                security_group=group,
                log_bucket=log_bucket,
                deletion_protection=deployment.protection.deletion_protection,
            )

        public = deployment.edge.entry == "load_balancer"
        self.load_balancer = self.internal_load_balancer = load_balancer("LoadBalancer", "alb", public=public)
        if public and any(deployment.dependents(name) for name in deployment.services):
            self.internal_load_balancer = load_balancer("InternalLoadBalancer", "int", public=False)

    def _attached(self, name: str, group: ec2.ISecurityGroup) -> ec2.ISecurityGroup:
        """The group as it is: CDK would add rules of its own to a mutable one, and tie the stacks into a circle."""
        return ec2.SecurityGroup.from_security_group_id(self, f"{name}-group", group.security_group_id, mutable=False)
