"""Who gets the requests: the weights in listeners' rules, and the whole table as the data plane wants it."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from moto.elbv2.models import FakeAction, elbv2_backends

from rehearsal.emulator.engines.setting import LOG, SETTING

_LOCK = threading.RLock()


def rules(account: str, region: str, *, listeners: Iterable[str] = (), arns: Iterable[str] = ()) -> list[Any]:
    """Return the rules of listeners, the default ones included, and those named."""
    wanted, named = set(listeners), set(arns)
    return [
        rule
        for balancer in list(elbv2_backends[account][region].load_balancers.values())
        for listener in list(balancer.listeners.values())
        for rule in list(listener.rules.values())
        if listener.arn in wanted or rule.arn in named
    ]


def weights(rule: Any) -> dict[str, int]:  # noqa: ANN401  # moto's two classes of rules have no common one
    """Return the target groups that a rule forwards to, with their weights; empty when it does not forward."""
    for action in rule.actions:
        if action.type == "forward":
            groups = action.data.get("ForwardConfig", {}).get("TargetGroups")
            if groups:
                return {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}
            return {action.data["TargetGroupArn"]: 1}
    return {}


def shift(account: str, region: str, found: Iterable[Any], wanted: Mapping[str, int]) -> None:
    """Have every one of the rules that forwards to any of the target groups forward with these weights."""
    with _LOCK:
        for rule in found:
            if not weights(rule).keys() & wanted.keys():
                continue
            rule.actions = [
                _with_weights(action, wanted) if action.type == "forward" else action for action in rule.actions
            ]
            if rule.is_default:
                listener = elbv2_backends[account][region].describe_listeners(None, [rule.listener_arn])[0]
                listener.default_actions = rule.actions
    push()


def _with_weights(action: FakeAction, wanted: Mapping[str, int]) -> FakeAction:
    config = {name: value for name, value in action.data.get("ForwardConfig", {}).items() if name != "TargetGroups"}
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in wanted.items()]
    kept = {name: value for name, value in action.data.items() if name not in ("TargetGroupArn", "ForwardConfig")}
    return FakeAction({**kept, "ForwardConfig": {**config, "TargetGroups": groups}})


def push() -> None:
    """Give the data plane the whole table, when there is one."""
    if SETTING.played:
        with _LOCK:
            try:
                SETTING.data_plane.route(table())
            except OSError:
                LOG.exception("the data plane did not take the table of routes")


def table() -> dict[str, Any]:
    """Return every listener with its rules, and every target group."""
    listeners, groups = [], []
    for regions in list(elbv2_backends.values()):
        for backend in list(regions.values()):
            for balancer in list(backend.load_balancers.values()):
                listeners += [_listener(one) for one in list(balancer.listeners.values())]
            groups += [_target_group(one) for one in list(backend.target_groups.values())]
    return {"listeners": listeners, "target_groups": groups}


def _listener(listener: Any) -> dict[str, Any]:  # noqa: ANN401  # moto's
    return {
        "arn": listener.arn,
        "port": int(listener.port),
        "rules": [
            {
                "arn": rule.arn,
                "priority": str(rule.priority),
                "conditions": rule.conditions,
                "targets": [{"arn": arn, "weight": weight} for arn, weight in weights(rule).items()],
            }
            for rule in list(listener.rules.values())
        ],
    }


def _target_group(group: Any) -> dict[str, Any]:  # noqa: ANN401  # moto's
    return {
        "arn": group.arn,
        "health_check": {
            "path": group.health_check_path or "/",
            "interval_seconds": int(group.health_check_interval_seconds),
            "timeout_seconds": int(group.health_check_timeout_seconds),
            "healthy_threshold": int(group.healthy_threshold_count),
            "unhealthy_threshold": int(group.unhealthy_threshold_count),
            "matcher": (getattr(group, "matcher", None) or {}).get("HttpCode", "200"),
        },
        "deregistration_seconds": deregistration_seconds(group),
    }


def deregistration_seconds(group: Any) -> int:  # noqa: ANN401  # moto's
    """Return how long a target group's leaving targets may finish what they are at."""
    return int(group.attributes.get("deregistration_delay.timeout_seconds", 300))
