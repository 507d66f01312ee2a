"""The ECS service itself: how many tasks, where, behind what, and who may replace them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from spec import Deployment
from spec.release import HookName
from spec.services import Service as ServiceSpec
from understudy.ecs_release import deployment_configuration, load_balancers
from understudy.release_roles import ecs_role
from understudy.service_traffic import ServiceTraffic
from understudy.target_groups import TargetGroupPair

LONGEST_GRACE_SECONDS: Final = 300
"""The most that the spec admits for a start."""


def ecs_service(
    scope: Construct,
    construct_id: str,
    *,
    deployment: Deployment,
    name: str,
    cluster_name: str,
    task_definition: ecs.FargateTaskDefinition,
    subnet_ids: Sequence[str],
    security_group_id: str,
    pairs: Sequence[TargetGroupPair],
    traffic: ServiceTraffic | None,
    hooks: Mapping[HookName, lambda_.IFunction],
    alarm_names: Sequence[str],
) -> ecs.CfnService:
    """The service `name` on Fargate, named so: the plan of its releases, its scaling and its alarms know it before it is.

    Under CodeDeploy nothing about it ever changes: CloudFormation sends everything with each update, and ECS refuses
    network, load balancer and task definition there (cloudformation-coverage-roadmap#1529). So it names its task definition
    by family, without a revision, has no number of tasks, which scaling brings, and the longest grace.
    """
    service = deployment.services[name]
    release = service.release
    by_codedeploy = release.engine == "codedeploy"
    role_arn = None
    if release.shifts and not by_codedeploy and traffic is not None:
        hook_arns = [hook.function_arn for hook in hooks.values()]
        role_arn = ecs_role(scope, "Shift", name=name, traffic=traffic, pairs=pairs, hook_arns=hook_arns).attr_arn
    glass = deployment.break_glass.get(name)
    resource = ecs.CfnService(
        scope,
        construct_id,
        cluster=cluster_name,
        service_name=name,
        launch_type="FARGATE",
        platform_version="1.4.0",
        deployment_controller=ecs.CfnService.DeploymentControllerProperty(
            type="CODE_DEPLOY" if by_codedeploy else "ECS"
        ),
        task_definition=task_definition.family if by_codedeploy else task_definition.task_definition_arn,
        desired_count=_desired_count(deployment, name),
        network_configuration=ecs.CfnService.NetworkConfigurationProperty(
            awsvpc_configuration=ecs.CfnService.AwsVpcConfigurationProperty(
                assign_public_ip="DISABLED", subnets=list(subnet_ids), security_groups=[security_group_id]
            )
        ),
        load_balancers=load_balancers(name, service, pairs=pairs, traffic=traffic, role_arn=role_arn) or None,
        # ECS refuses it for a service without a load balancer.
        health_check_grace_period_seconds=_grace_seconds(service) if pairs else None,
        deployment_configuration=None
        if by_codedeploy
        else deployment_configuration(
            name, service, hooks=hooks, role_arn=role_arn, alarm_names=alarm_names, watched=glass is None
        ),
        # AWS does not say whether the other strategies know it; left out, ECS chooses what they allow.
        availability_zone_rebalancing=None if release.shifts else "ENABLED",
        propagate_tags="SERVICE",
        enable_ecs_managed_tags=True,
        enable_execute_command=True,
    )
    if glass is not None and not by_codedeploy:
        resource.add_metadata("BreakGlass", {"By": glass.by, "Because": glass.because})
    if by_codedeploy:
        # Its family names no resource.
        resource.node.add_dependency(task_definition)
    if traffic is not None and role_arn is None:
        # Else its rules' ARNs say so.
        resource.add_resource_dependency(traffic.resource)
    return resource


def _desired_count(deployment: Deployment, name: str) -> int | None:
    """None while scaling decides: CloudFormation would set the number back at each update, in the middle of the day's
    load.
    """
    service = deployment.services[name]
    if not deployment.released(name):
        return 0
    return service.replicas if service.scaling is None and service.release.engine != "codedeploy" else None


def _grace_seconds(service: ServiceSpec) -> int:
    """How long the load balancer's verdict on a new task does not count for ECS."""
    return LONGEST_GRACE_SECONDS if service.release.engine == "codedeploy" else service.health.startup.grace_seconds
