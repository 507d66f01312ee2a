"""What a CodeDeploy deployment is to do: the deployment group, its configuration and the AppSpec, put together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from moto.elbv2.models import elbv2_backends

from rehearsal.emulator.engines.service_state import ServiceState, find

HOOKS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
STOCK_CONFIGS: Mapping[str, dict[str, Any]] = {
    "CodeDeployDefault.ECSAllAtOnce": {"type": "AllAtOnce"},
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 1},
    },
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3},
    },
    "CodeDeployDefault.ECSCanary10Percent5Minutes": {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5},
    },
    "CodeDeployDefault.ECSCanary10Percent15Minutes": {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 15},
    },
}
"""AWS's own (CodeDeploy User Guide, working with deployment configurations)."""


class PlanError(Exception):
    """A deployment that CodeDeploy could not begin; `code` is its error code."""

    def __init__(self, message: str, code: str = "INVALID_REVISION") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A deployment's data."""

    state: ServiceState
    task_definition: str
    load_balancer: dict[str, Any]
    "The AppSpec's container, on the target group that is not in use."
    hooks: Mapping[str, str]
    steps: tuple[tuple[int, float], ...]
    "The new version's share in percent, each with the minutes that follow it."
    original_group: str
    replacement_group: str
    listeners: tuple[str, ...]
    test_listeners: tuple[str, ...]
    alarms: tuple[str, ...]
    rollback_events: frozenset[str]
    termination_minutes: float
    original: Any = field(default=None)
    "The revision that serves users when it begins."


def made(
    group: Mapping[str, Any],
    config: Mapping[str, Any],
    content: str,
    *,
    account: str,
    region: str,
    rollback: Mapping[str, Any] | None,
) -> Plan:
    """Return the plan of a deployment. Raises PlanError."""
    spec = yaml.safe_load(content)
    named = group["ecsServices"][0]
    state = find(named["serviceName"], cluster=named["clusterName"], account=account, region=region)
    if state is None or state.live is None:
        raise PlanError(f"there is no service {named['serviceName']}", "INVALID_ECS_SERVICE")
    target = spec["Resources"][0]["TargetService"]["Properties"]
    pair = group["loadBalancerInfo"]["targetGroupPairInfoList"][0]
    groups = [_arn(one["name"], account, region) for one in pair["targetGroups"]]
    used = state.live.body.target_groups
    original = next((arn for arn in groups if arn in used), groups[0])
    replacement = next(arn for arn in groups if arn != original)
    balancer = target["LoadBalancerInfo"]
    auto = rollback or group.get("autoRollbackConfiguration") or {}
    watched = group.get("alarmConfiguration") or {}
    blue = (group.get("blueGreenDeploymentConfiguration") or {}).get("terminateBlueInstancesOnDeploymentSuccess") or {}
    return Plan(
        state=state,
        task_definition=target["TaskDefinition"],
        load_balancer={
            "targetGroupArn": replacement,
            "containerName": balancer["ContainerName"],
            "containerPort": int(balancer["ContainerPort"]),
        },
        hooks={name: arn for hook in spec.get("Hooks") or [] for name, arn in hook.items()},
        steps=_steps(config["trafficRoutingConfig"]),
        original_group=original,
        replacement_group=replacement,
        listeners=tuple(pair["prodTrafficRoute"]["listenerArns"]),
        test_listeners=tuple((pair.get("testTrafficRoute") or {}).get("listenerArns") or ()),
        alarms=tuple(one["name"] for one in watched.get("alarms") or []) if watched.get("enabled") else (),
        rollback_events=frozenset(auto.get("events") or ()) if auto.get("enabled") else frozenset(),
        termination_minutes=float(blue.get("terminationWaitTimeInMinutes") or 0),
        original=state.live,
    )


def _steps(routing: Mapping[str, Any]) -> tuple[tuple[int, float], ...]:
    """Return shares and waits: the first share at once (measured on AWS: the weights change at the beginning)."""
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return (int(canary["canaryPercentage"]), float(canary["canaryInterval"])), (100, 0.0)
    if routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        step, minutes = int(linear["linearPercentage"]), float(linear["linearInterval"])
        count = math.ceil(100 / step)
        return tuple((min(100, step * n), minutes if n < count else 0.0) for n in range(1, count + 1))
    return ((100, 0.0),)


def _arn(name: str, account: str, region: str) -> str:
    groups = elbv2_backends[account][region].target_groups
    found = next((arn for arn, group in groups.items() if name in (group.name, arn)), None)
    if found is None:
        raise PlanError(f"there is no target group {name}", "ELASTIC_LOAD_BALANCING_INVALID")
    return found
