"""A service: equal tasks behind the load balancer, replaced without an interruption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from spec import Deployment
from spec.release import HookName
from understudy.alarms import Alarms
from understudy.cluster import Cluster
from understudy.codedeploy_application import CodeDeployApplication
from understudy.codedeploy_release import CodeDeployRelease
from understudy.ecs_service import ecs_service
from understudy.encrypted_log_group import encrypted_log_group
from understudy.load_balancer import LoadBalancer
from understudy.python_handler import PythonHandler
from understudy.release_alarms import release_alarms
from understudy.routing import traffic_rules
from understudy.service_environment import Backends
from understudy.service_traffic import ServiceTraffic
from understudy.target_groups import TargetGroupPair, target_groups
from understudy.task import task_definition
from understudy.task_roles import TaskRoles


class Service(Construct):
    """One service of the spec on Fargate, released by the engine and strategy of the spec.

    `pairs` are the ways in: for users, behind `load_balancer`, and for other services, if those come by another one. ECS
    shifts one rule for each pair, so under it callers have a pair of their own even behind the same load balancer. A
    service that nobody calls has none: no request would ever come, and its readiness check would stand for nothing.

    Until its first release a service has no image to run. One that is replaced task by task stands at zero tasks; one
    that shifts requests does not exist yet, with its target groups and rules in place: an engine would take its first
    release for a change from a version that cannot start, and go back to that.

    `security_group` has all its rules already; nothing here adds any.
    """

    resource: ecs.CfnService | None = None
    """None until the first release of a service that shifts requests."""
    released_by: CfnResource | None = None
    """What CloudFormation waits for until the version in the template is live; None before the first release."""
    traffic: ServiceTraffic | None = None
    """None for a service that nobody calls."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        name: str,
        vpc: ec2.IVpc,
        subnet_ids: Sequence[str],
        security_group: ec2.ISecurityGroup,
        cluster: Cluster,
        load_balancer: LoadBalancer,
        internal_load_balancer: LoadBalancer,
        backends: Backends,
        data_key: kms.IKey,
        secrets_key: kms.IKey,
        logs_key: kms.IKey,
        removal_policy: RemovalPolicy,
        topic_arn: str,
        traffic_token: str,
        hooks: Mapping[HookName, lambda_.IFunction],
        codedeploy: CodeDeployApplication | None,
        deployment_start: PythonHandler | None,
    ) -> None:
        """`traffic_token`, `hooks` and `deployment_start` are the release control's; `codedeploy` is None where no service is
        its, and so is `deployment_start`.
        """
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self.name = name
        self.spec = deployment.services[name]
        self.cluster_name = deployment.prefix
        self.service_name = name
        self.subnet_ids = list(subnet_ids)
        self.security_group = security_group
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
        self.load_balancer = load_balancer if self.spec.public else internal_load_balancer
        self._ways_in(vpc, internal_load_balancer)
        if self.pairs:
            self.traffic = ServiceTraffic(
                self,
                "Traffic",
                deployment=deployment,
                name=name,
                service_token=traffic_token,
                rules=traffic_rules(deployment, name, public=self._public, internal=self._internal),
            )
        self._alarms = Alarms(self, "ReleaseAlarms", prefix=deployment.prefix, topic_arn=topic_arn)
        alarms = release_alarms(deployment, name, self.pairs)
        self._alarms.add(alarms)
        self.release_alarm_names = [f"{deployment.prefix}-{alarm.name}" for alarm in alarms]
        self.release_alarm_names += self.spec.release.alarms.others
        self._codedeploy: CodeDeployRelease | None = None
        if deployment.released(name) or not self.spec.release.shifts:
            self._release(cluster, codedeploy, deployment_start, hooks)

    def release_after(self, *conditions: IConstruct) -> None:
        """Release no version before these are there: the plan that hooks read, other services, the scaling."""
        if self._codedeploy is not None:
            self._codedeploy.release_after(*conditions)
        elif self.resource is not None:
            self.resource.node.add_dependency(*conditions)

    def _ways_in(self, vpc: ec2.IVpc, internal_load_balancer: LoadBalancer) -> None:
        """The target groups for users and for other services, which may be the same."""
        called = bool(self._deployment.dependents(self.name))
        release = self.spec.release

        def pair(construct_id: str, load_balancer: LoadBalancer) -> TargetGroupPair:
            return target_groups(self, construct_id, service=self.spec, load_balancer=load_balancer, vpc=vpc)

        first = pair("Targets", self.load_balancer) if self.spec.public or called else None
        second = None
        if called:
            of_its_own = self.spec.public and release.shifts and release.engine == "ecs"
            shared = self.load_balancer is internal_load_balancer and not of_its_own
            second = first if shared else pair("InternalTargets", internal_load_balancer)
        self._public, self._internal = first if self.spec.public else None, second
        self.pairs = tuple(dict.fromkeys(found for found in (first, second) if found is not None))
        self.target_group = first.blue if first else None
        self.alternate_target_group = first.green if first else None
        self.internal_target_group = second.blue if second else None
        self.alternate_internal_target_group = second.green if second else None

    def _release(
        self,
        cluster: Cluster,
        application: CodeDeployApplication | None,
        start: PythonHandler | None,
        hooks: Mapping[HookName, lambda_.IFunction],
    ) -> None:
        """The ECS service, and under CodeDeploy the deployment of its version."""
        deployment, name = self._deployment, self.name
        self.resource = ecs_service(
            self,
            "Resource",
            deployment=deployment,
            name=name,
            cluster_name=cluster.cluster.cluster_name,
            task_definition=self.task_definition,
            subnet_ids=self.subnet_ids,
            security_group_id=self.security_group.security_group_id,
            pairs=self.pairs,
            traffic=self.traffic,
            hooks=hooks,
            alarm_names=self.release_alarm_names,
        )
        self.resource.node.add_dependency(self._alarms)
        if deployment.released(name):
            self.released_by = self.resource
        if application and start and self.traffic and self.spec.release.engine == "codedeploy":
            self._codedeploy = CodeDeployRelease(
                self,
                "CodeDeploy",
                deployment=deployment,
                name=name,
                application=application,
                cluster_name=self.cluster_name,
                service=self.resource,
                task_definition=self.task_definition,
                pair=self.pairs[0],
                traffic=self.traffic,
                role_arns=[self.roles.execution.role_arn, self.roles.task.role_arn],
                hooks=hooks,
                alarm_names=self.release_alarm_names,
                start=start,
            )
            self._codedeploy.release_after(self._alarms)
            self.released_by = self._codedeploy.resource
