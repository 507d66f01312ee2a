"""The application's containers, and how requests reach them."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from spec import Deployment
from stacks.backends import backends
from stacks.data import DataStack
from stacks.settings import StackSettings
from stacks.storage import StorageStack
from understudy.certificate import certificate
from understudy.cluster import Cluster
from understudy.codedeploy_application import CodeDeployApplication
from understudy.keys import Keys
from understudy.load_balancer import LoadBalancer
from understudy.release_control import ReleaseControl
from understudy.removal import removal_policy
from understudy.routing import InternalZone
from understudy.scaling import ServiceScaling
from understudy.secret_refresh import RetiredSecret, SecretRefresh
from understudy.security_groups import SecurityGroups
from understudy.service import Service


class ServicesStack(Stack):
    """Cluster, load balancer, services with their scaling and releases, and the names by which they find each other.

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
        storage: StorageStack,
        data: DataStack,
        topic_arn: str,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        removal = removal_policy(deployment.protection)
        depended_on = backends(storage, data)
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
        self._load_balancers(deployment, vpc, security_groups, storage.buckets.logs)
        self.releases = ReleaseControl(
            self,
            "Release",
            deployment=deployment,
            vpc=vpc,
            hook_security_group=self._attached("hooks", security_groups.hooks) if security_groups.hooks else None,
            keys=keys,
            topic_arn=topic_arn,
            backends=depended_on,
        )
        codedeploy = self._codedeploy(deployment, keys)
        subnet_ids = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS).subnet_ids
        self.services = {
            name: Service(
                self,
                name,
                deployment=deployment,
                name=name,
                vpc=vpc,
                subnet_ids=subnet_ids,
                security_group=self._attached(name, security_groups.services[name]),
                cluster=self.cluster,
                load_balancer=self.load_balancer,
                internal_load_balancer=self.internal_load_balancer,
                backends=depended_on,
                data_key=keys.data,
                secrets_key=keys.secrets,
                logs_key=keys.logs,
                removal_policy=removal,
                topic_arn=topic_arn,
                traffic_token=self.releases.traffic_token,
                hooks=self.releases.hooks(spec.release.engine) if spec.release.shifts else {},
                codedeploy=codedeploy,
                deployment_start=self.releases.deployment_start if codedeploy else None,
            )
            for name, spec in deployment.services.items()
        }
        traffic = [service.traffic for service in self.services.values() if service.traffic]
        for each in traffic:
            each.beside(traffic)
        self._refresh(data)
        InternalZone(self, "InternalZone", deployment=deployment, vpc=vpc, load_balancer=self.internal_load_balancer)
        for service in self.services.values():
            self._scale(deployment, service, data.queue.broker_name if data.queue else None)
            self._order(service)

    def _codedeploy(self, deployment: Deployment, keys: Keys) -> CodeDeployApplication | None:
        if all(service.release.engine != "codedeploy" for service in deployment.services.values()):
            return None
        return CodeDeployApplication(
            self,
            "CodeDeploy",
            prefix=deployment.prefix,
            logs_key=keys.logs,
            retention_days=deployment.monitoring.log_retention_days,
            removal_policy=removal_policy(deployment.protection),
        )

    def _scale(self, deployment: Deployment, service: Service, broker_name: str | None) -> None:
        """By the spec; under CodeDeploy a fixed number too, since CloudFormation cannot set it there."""
        scaled = service.spec.scaling is not None or service.spec.release.engine == "codedeploy"
        if service.resource is None or not deployment.released(service.name) or not scaled:
            return
        scaling = ServiceScaling(
            self,
            f"{service.name}-scaling",
            deployment=deployment,
            service=service,
            scaling=service.spec.scaling,
            broker_name=broker_name,
        )
        if service.spec.release.engine == "codedeploy":
            # A version is released beside as many tasks as there shall be.
            service.release_after(scaling.target)

    def _order(self, service: Service) -> None:
        """What hooks read is there before they run, and so are the services that this one's release waits for."""
        service.release_after(self.releases.add_plan(service))
        for other in service.spec.release.after:
            if released_by := self.services[other].released_by:
                service.release_after(released_by)

    def _refresh(self, data: DataStack) -> None:
        """Of services whose secrets change; an environment without such secrets needs none."""
        retired = [
            *(
                RetiredSecret(each.arn, each.full_name, each.function_arn, each.consumers)
                for each in data.rotations.secrets
            ),
            *(RetiredSecret(each.arn, each.full_name, None, each.consumers) for each in data.rotations.copies),
        ]
        if retired:
            SecretRefresh(self, "SecretRefresh", settings=self.releases.settings, secrets=retired)

    def _load_balancers(
        self, deployment: Deployment, vpc: ec2.IVpc, security_groups: SecurityGroups, log_bucket: s3.IBucket
    ) -> None:
        """One with private addresses for everything; or a public one, and a private one for calls between services.

        Calls must not come back in by a public address, where their security groups mean nothing and anybody could
        send the name of a private service as Host.
        """
        group = self._attached("load-balancer", security_groups.load_balancer)

        shifting = [(name, spec) for name, spec in deployment.services.items() if spec.release.shifts]
        called = any(deployment.dependents(name) for name, _ in shifting)

        def load_balancer(construct_id: str, name: str, *, public: bool, tested: bool) -> LoadBalancer:
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
                test_listener=tested,
            )

        public = deployment.edge.entry == "load_balancer"
        tested = any(spec.public for _, spec in shifting) or (called and not public)
        self.load_balancer = self.internal_load_balancer = load_balancer(
            "LoadBalancer", "alb", public=public, tested=tested
        )
        if public and any(deployment.dependents(name) for name in deployment.services):
            self.internal_load_balancer = load_balancer("InternalLoadBalancer", "int", public=False, tested=called)

    def _attached(self, name: str, group: ec2.ISecurityGroup) -> ec2.ISecurityGroup:
        """The group as it is: CDK would add rules of its own to a mutable one, and tie the stacks into a circle."""
        return ec2.SecurityGroup.from_security_group_id(self, f"{name}-group", group.security_group_id, mutable=False)
