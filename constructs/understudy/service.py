"""A service: equal tasks behind the load balancer, replaced without an interruption."""

from __future__ import annotations

from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from spec import Deployment
from understudy.cluster import Cluster
from understudy.encrypted_log_group import encrypted_log_group
from understudy.load_balancer import LoadBalancer
from understudy.service_environment import Backends
from understudy.task import task_definition
from understudy.task_roles import TaskRoles


class Service(Construct):
    """One service of the spec on Fargate.

    New tasks start beside the old ones (100 % healthy at least, 200 % at most), and a release whose tasks do not become
    healthy is taken back by the circuit breaker. Tasks that are unevenly spread over zones are moved.

    `target_group` has its tasks, behind `load_balancer`; `internal_target_group` has them for other services, and is the
    same one unless users come in by a load balancer of their own. Both are None for a service that nobody calls, such as
    one that only reads the queue: no request would ever come, and its readiness check would stand for nothing.

    Until its first release a service has no image to run and stands at zero tasks. The registry has to exist before an
    image can be pushed to it, so the first deployment of an environment must succeed without any.

    `security_group` has all its rules already; nothing here adds any.
    """

    target_group: elbv2.ApplicationTargetGroup | None = None
    internal_target_group: elbv2.ApplicationTargetGroup | None = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        name: str,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        cluster: Cluster,
        load_balancer: LoadBalancer,
        internal_load_balancer: LoadBalancer,
        backends: Backends,
        data_key: kms.IKey,
        secrets_key: kms.IKey,
        logs_key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self.spec = deployment.services[name]
        group = encrypted_log_group(
            self,
            "Log",
            name=f"/{deployment.prefix}/{name}",
            key=logs_key,
            retention_days=deployment.monitoring.log_retention_days,
            removal_policy=removal_policy,
        )
        self.log_group = logs.LogGroup.from_log_group_name(self, "LogGroup", group.ref)
        self.roles = TaskRoles(
            self,
            "Roles",
            deployment=deployment,
            name=name,
            backends=backends,
            cluster=cluster,
            log_group=group,
            data_key=data_key,
            secrets_key=secrets_key,
        )
        self.task_definition = task_definition(
            self,
            "Task",
            deployment=deployment,
            name=name,
            backends=backends,
            roles=self.roles,
            log_group=self.log_group,
        )
        called = bool(deployment.dependents(name))
        self.load_balancer = load_balancer if self.spec.public else internal_load_balancer
        if self.spec.public or called:
            self.target_group = self._target_group("Targets", vpc)
        if called:
            # A target group belongs to one load balancer (ELB User Guide, target groups).
            shared = self.load_balancer is internal_load_balancer
            self.internal_target_group = self.target_group if shared else self._target_group("InternalTargets", vpc)
        self.service = self._service(security_group, cluster, released=deployment.released(name))
        # Once, for the many metrics that carry them: each question is a round trip to CDK's process.
        self.cluster_name = cluster.cluster.cluster_name
        self.service_name = self.service.service_name

    def _service(self, security_group: ec2.ISecurityGroup, cluster: Cluster, *, released: bool) -> ecs.FargateService:
        count = self.spec.replicas if self.spec.scaling is None else None
        service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster.cluster,
            task_definition=self.task_definition,
            # None while scaling decides: CloudFormation would set the number back at each update, in the middle of the
            # day's load.
            desired_count=count if released else 0,
            platform_version=ecs.FargatePlatformVersion.VERSION1_4,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[security_group],
            assign_public_ip=False,
            # ECS refuses it for a service without a load balancer.
            health_check_grace_period=Duration.seconds(self.spec.health.startup.grace_seconds)
            if self.target_group
            else None,
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            enable_ecs_managed_tags=True,
        )
        # On the L1: the L2 would add an inline policy with what the task's role has already.
        cast("ecs.CfnService", service.node.default_child).enable_execute_command = True
        for target_group in dict.fromkeys((self.target_group, self.internal_target_group)):
            if target_group is not None:
                service.attach_to_application_target_group(target_group)
        return service

    def _target_group(self, construct_id: str, vpc: ec2.IVpc) -> elbv2.ApplicationTargetGroup:
        ready = self.spec.health.readiness
        protocol = elbv2.Protocol.HTTPS if self.spec.protocol == "https" else elbv2.Protocol.HTTP
        return elbv2.ApplicationTargetGroup(
            self,
            construct_id,
            vpc=vpc,
            port=self.spec.port,
            protocol=elbv2.ApplicationProtocol[protocol.name],
            target_type=elbv2.TargetType.IP,
            load_balancing_algorithm_type=elbv2.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            deregistration_delay=Duration.seconds(self.spec.deregistration_seconds),
            health_check=elbv2.HealthCheck(
                protocol=protocol,
                path=ready.path,
                healthy_http_codes=ready.expected_status,
                interval=Duration.seconds(ready.interval_seconds),
                timeout=Duration.seconds(ready.timeout_seconds),
                healthy_threshold_count=ready.healthy_threshold,
                unhealthy_threshold_count=ready.unhealthy_threshold,
            ),
        )
