"""A service whose requests ECS itself shifts, and one that ECS replaces task by task."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_

from spec.release import HookName, Strategy
from spec.release_times import bake_minutes, hook_limit_seconds
from spec.services import Service as ServiceSpec
from understudy.routing import TrafficRule
from understudy.service_traffic import ServiceTraffic
from understudy.target_groups import TargetGroupPair

STRATEGIES: Final[Mapping[Strategy, str]] = {
    "rolling": "ROLLING",
    "blue_green": "BLUE_GREEN",
    "canary": "CANARY",
    "linear": "LINEAR",
}
"""ECS's names of them."""

STAGES: Final[Mapping[HookName, str]] = {
    "before_install": "PRE_SCALE_UP",
    "after_install": "POST_SCALE_UP",
    "test_traffic": "POST_TEST_TRAFFIC_SHIFT",
    "before_traffic": "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "after_traffic": "POST_PRODUCTION_TRAFFIC_SHIFT",
}
"""The stage of ECS's deployment at which each hook is called (ECS API, DeploymentLifecycleHook)."""

_Configuration = ecs.CfnService.DeploymentConfigurationProperty


def deployment_configuration(
    name: str,
    service: ServiceSpec,
    *,
    hooks: Mapping[HookName, lambda_.IFunction],
    role_arn: str | None,
    alarm_names: Sequence[str],
    watched: bool,
) -> _Configuration:
    """How ECS deploys the service `name`: new tasks beside the old ones, taken back by circuit breaker and alarms.

    Not `watched`: the glass is broken, and the alarms do not count. A hook that gives no verdict within its limit, in
    whole minutes, takes the release back too.
    """
    release = service.release
    return _Configuration(
        strategy=STRATEGIES[release.strategy],
        minimum_healthy_percent=100,
        maximum_percent=200,
        deployment_circuit_breaker=ecs.CfnService.DeploymentCircuitBreakerProperty(enable=True, rollback=True),
        alarms=ecs.CfnService.DeploymentAlarmsProperty(alarm_names=list(alarm_names), enable=watched, rollback=watched)
        if alarm_names
        else None,
        bake_time_in_minutes=bake_minutes(release) if release.shifts else None,
        canary_configuration=ecs.CfnService.CanaryConfigurationProperty(
            canary_percent=release.canary_percent, canary_bake_time_in_minutes=release.canary_minutes
        )
        if release.strategy == "canary"
        else None,
        linear_configuration=ecs.CfnService.LinearConfigurationProperty(
            step_percent=release.linear_percent, step_bake_time_in_minutes=release.linear_minutes
        )
        if release.strategy == "linear"
        else None,
        lifecycle_hooks=[
            ecs.CfnService.DeploymentLifecycleHookProperty(
                lifecycle_stages=[stage],
                hook_target_arn=hooks[hook].function_arn,
                role_arn=role_arn,
                hook_details=json.dumps({"service": name}),
                timeout_configuration=ecs.CfnService.HookTimeoutConfigProperty(
                    action="ROLLBACK", timeout_in_minutes=ceil(hook_limit_seconds(service, hook) / 60)
                ),
            )
            for hook, stage in STAGES.items()
        ]
        if release.shifts
        else None,
    )


def load_balancers(
    name: str,
    service: ServiceSpec,
    *,
    pairs: Sequence[TargetGroupPair],
    traffic: ServiceTraffic | None,
    role_arn: str | None,
) -> list[ecs.CfnService.LoadBalancerProperty]:
    """Where the tasks are registered; with `role_arn`, which rules ECS shifts for each pair of target groups."""
    return [
        ecs.CfnService.LoadBalancerProperty(
            container_name=name,
            container_port=service.port,
            target_group_arn=pair.blue.target_group_arn,
            advanced_configuration=_shifted(pair, traffic, role_arn) if traffic and role_arn else None,
        )
        for pair in pairs
    ]


def _shifted(
    pair: TargetGroupPair, traffic: ServiceTraffic, role_arn: str
) -> ecs.CfnService.AdvancedConfigurationProperty | None:
    if pair.green is None:
        return None
    return ecs.CfnService.AdvancedConfigurationProperty(
        alternate_target_group_arn=pair.green.target_group_arn,
        production_listener_rule=traffic.rule_arn(_rule(traffic.rules, pair, test=False).key),
        test_listener_rule=traffic.rule_arn(_rule(traffic.rules, pair, test=True).key),
        role_arn=role_arn,
    )


def _rule(rules: Sequence[TrafficRule], pair: TargetGroupPair, *, test: bool) -> TrafficRule:
    """The one rule that leads to `pair`: ECS shifts no more (ECS API, AdvancedConfiguration), and the spec admits none.

    Raises:
        ValueError: there are several, or none.
    """
    (found,) = [rule for rule in rules if rule.pair is pair and rule.test == test]
    return found
