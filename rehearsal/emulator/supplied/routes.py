"""Elastic Load Balancing: the health of tasks in target groups, and a data plane that hears of every change of a rule."""

from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import ELBv2Backend
from moto.elbv2.responses import ELBV2Response

from rehearsal.emulator.engines import task_sets, traffic
from rehearsal.emulator.supplied.shelf import given, supply

CHANGES_ROUTES = (
    "create_rule",
    "modify_rule",
    "delete_rule",
    "set_rule_priorities",
    "create_listener",
    "modify_listener",
    "delete_listener",
    "create_target_group",
    "modify_target_group",
    "modify_target_group_attributes",
    "delete_target_group",
    "delete_load_balancer",
)
_health_of_moto: Any = ELBV2Response.describe_target_health


def describe_target_health(self: ELBV2Response) -> ActionResult:
    """Show the tasks that a target group has; for others what moto knows."""
    arn = given(self, "TargetGroupArn")
    found = task_sets.target_health(arn)
    if not found:
        result: ActionResult = _health_of_moto(self)
        return result
    wanted = {target["Id"] for target in given(self, "Targets") or []}
    return ActionResult(
        {"TargetHealthDescriptions": [one for one in found if not wanted or one["Target"]["Id"] in wanted]}
    )


def _pushing(of_moto: Any) -> Any:  # noqa: ANN401  # any operation
    def operation(self: ELBv2Backend, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        result = of_moto(self, *arguments, **named)
        traffic.push()
        return result

    return operation


def install() -> None:
    """Answer this operation, and tell of changes, from now on."""
    supply(ELBV2Response, describe_target_health=describe_target_health)
    for name in CHANGES_ROUTES:
        setattr(ELBv2Backend, name, _pushing(getattr(ELBv2Backend, name)))
