"""A service whose requests CodeDeploy shifts: its deployment group, and the deployment of the version in the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IConstruct

from spec import Deployment
from spec.release import HookName, Release
from spec.release_times import bake_minutes, deployment_timeout_minutes
from understudy.codedeploy_application import CodeDeployApplication
from understudy.python_handler import PythonHandler
from understudy.release_roles import codedeploy_role
from understudy.service_traffic import ServiceTraffic
from understudy.target_groups import TargetGroupPair

ROLLBACK_EVENTS: Final = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")

HOOK_ARGUMENTS: Final[Mapping[HookName, str]] = {
    "before_install": "before_install",
    "after_install": "after_install",
    "test_traffic": "after_allow_test_traffic",
    "before_traffic": "before_allow_traffic",
    "after_traffic": "after_allow_traffic",
}
"""CodeDeploy's names of the hooks (CodeDeploy User Guide, AppSpec hooks for an Amazon ECS deployment)."""

_Group = codedeploy.CfnDeploymentGroup
_Config = codedeploy.CfnDeploymentConfig


class CodeDeployRelease(Construct):
    """The deployment group `<prefix>-<service>`, and a deployment whenever the task definition has a new revision.

    CloudFormation starts the deployment and waits for it, so a change of the template reaches the tasks by the five hooks
    and the shift, or not at all. A failed hook, an alarm, its time limit or a person stops it; each way requests go back.

    While somebody breaks the glass for the image, alarms are not asked, and the group's metadata say who and why.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        name: str,
        application: CodeDeployApplication,
        cluster_name: str,
        service: ecs.CfnService,
        task_definition: ecs.FargateTaskDefinition,
        pair: TargetGroupPair,
        traffic: ServiceTraffic,
        role_arns: Sequence[str],
        hooks: Mapping[HookName, lambda_.IFunction],
        alarm_names: Sequence[str],
        start: PythonHandler,
    ) -> None:
        """`role_arns`: those of the tasks, which CodeDeploy hands to ECS."""
        # A third of a second of imports, which the other engine does not need.
        from understudy.codedeploy_deployment import ecs_deployment  # noqa: PLC0415

        super().__init__(scope, construct_id)
        spec = deployment.services[name]
        functions = {argument: hooks[hook].function_arn for hook, argument in HOOK_ARGUMENTS.items()}
        config = _Config(self, "Config", compute_platform="ECS", traffic_routing_config=_routing(spec.release))
        role = codedeploy_role(
            self,
            "Role",
            prefix=deployment.prefix,
            name=name,
            traffic=traffic,
            role_arns=role_arns,
            hook_arns=list(functions.values()),
        )
        group = _Group(
            self,
            "Resource",
            application_name=application.resource.ref,
            deployment_group_name=f"{deployment.prefix}-{name}",
            deployment_config_name=config.ref,
            service_role_arn=role.attr_arn,
            ecs_services=[
                _Group.ECSServiceProperty(cluster_name=cluster_name, service_name=service.attr_name),
            ],
            deployment_style=_Group.DeploymentStyleProperty(
                deployment_type="BLUE_GREEN", deployment_option="WITH_TRAFFIC_CONTROL"
            ),
            load_balancer_info=_load_balancer(pair, traffic),
            blue_green_deployment_configuration=_old_version(spec.release),
            auto_rollback_configuration=_Group.AutoRollbackConfigurationProperty(
                enabled=True, events=list(ROLLBACK_EVENTS)
            ),
            alarm_configuration=_Group.AlarmConfigurationProperty(
                enabled=name not in deployment.break_glass,
                alarms=[_Group.AlarmProperty(name=alarm) for alarm in alarm_names],
                # An alarm that cannot be read stops the deployment, as a red one does.
                ignore_poll_alarm_failure=False,
            ),
        )
        if glass := deployment.break_glass.get(name):
            group.add_metadata("BreakGlass", {"By": glass.by, "Because": glass.because})
        self.resource = ecs_deployment(
            self,
            "Group",
            application=application,
            group_name=f"{deployment.prefix}-{name}",
            config_name=config.ref,
            task_definition=task_definition,
            container=(name, spec.port),
            hooks=functions,
            timeout_minutes=deployment_timeout_minutes(spec),
            start=start,
        )
        self.release_after(group, traffic)

    def release_after(self, *conditions: IConstruct) -> None:
        """Start no deployment before these are there."""
        self.resource.node.add_dependency(*conditions)


def _routing(release: Release) -> _Config.TrafficRoutingConfigProperty:
    """The strategy's own steps: those that AWS keeps ready do not fit into five minutes."""
    if release.strategy == "canary":
        canary = _Config.TimeBasedCanaryProperty(
            canary_percentage=release.canary_percent, canary_interval=release.canary_minutes
        )
        return _Config.TrafficRoutingConfigProperty(type="TimeBasedCanary", time_based_canary=canary)
    if release.strategy == "linear":
        linear = _Config.TimeBasedLinearProperty(
            linear_percentage=release.linear_percent, linear_interval=release.linear_minutes
        )
        return _Config.TrafficRoutingConfigProperty(type="TimeBasedLinear", time_based_linear=linear)
    return _Config.TrafficRoutingConfigProperty(type="AllAtOnce")


def _load_balancer(pair: TargetGroupPair, traffic: ServiceTraffic) -> _Group.LoadBalancerInfoProperty:
    """Both target groups, and the two listeners whose rules lead to them."""

    def listeners(*, test: bool) -> _Group.TrafficRouteProperty:
        arns = dict.fromkeys(rule.listener_arn for rule in traffic.rules if rule.test == test)
        return _Group.TrafficRouteProperty(listener_arns=list(arns))

    groups = [group for group in (pair.blue, pair.green) if group is not None]
    return _Group.LoadBalancerInfoProperty(
        target_group_pair_info_list=[
            _Group.TargetGroupPairInfoProperty(
                target_groups=[_Group.TargetGroupInfoProperty(name=group.target_group_name) for group in groups],
                prod_traffic_route=listeners(test=False),
                test_traffic_route=listeners(test=True),
            )
        ]
    )


def _old_version(release: Release) -> _Group.BlueGreenDeploymentConfigurationProperty:
    """Nobody is waited for before the shift; after it the old version stays for the bake and as long as the spec says."""
    return _Group.BlueGreenDeploymentConfigurationProperty(
        deployment_ready_option=_Group.DeploymentReadyOptionProperty(
            action_on_timeout="CONTINUE_DEPLOYMENT", wait_time_in_minutes=0
        ),
        terminate_blue_instances_on_deployment_success=_Group.BlueInstanceTerminationOptionProperty(
            action="TERMINATE", termination_wait_time_in_minutes=bake_minutes(release) + release.keep_old_minutes
        ),
    )
