"""Why an update of a service must not begin, in sentences for whoever deploys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from service_traffic.models import Properties, UnreadableProperties, properties

TARGET_GROUPS: Final = "target groups"
"""What CloudFormation would replace by new, empty ones, while the rules still lead to the old ones."""

WHY: Final[Mapping[str, str]] = {
    "release.engine": "the new engine would start with tasks in a group that the rules do not lead to",
    "release.strategy": "the second target group and its rules would begin or end under the requests",
    "port": "CloudFormation would replace the target groups, and the new ones are empty",
    "protocol": "CloudFormation would replace the target groups, and the new ones are empty",
    "reached": "the service's load balancer settings would begin or end, and a running service cannot change them",
    TARGET_GROUPS: "the new ones are empty, and the rules would lead to them at once",
}
"""By property; spec/changes.py has the table with its sources."""
OTHERWISE: Final = "a running service cannot change it"

STOP: Final[Mapping[str, str]] = {
    "codedeploy": "aws deploy stop-deployment --deployment-id {deployment} --auto-rollback-enabled",
    "ecs": "aws ecs stop-service-deployment --service-deployment-arn {deployment} --stop-type ROLLBACK",
}
"""How a person ends a shift, by engine."""


def of_change(old: Mapping[str, object], new: Properties) -> str | None:
    """Why the update from `old` to `new` is refused; None if it is not. Names every difference at once.

    Only what both know is compared, so that a version of Understudy that watches one property more is no change.
    """
    try:
        before = properties(old)
    except UnreadableProperties:
        return None  # written by another version; what it fixed cannot be told from what it named otherwise
    differences = [
        (name, before.fixed[name], value)
        for name, value in new.fixed.items()
        if name in before.fixed and before.fixed[name] != value
    ]
    if not differences and _groups_replaced(before, new):
        differences = [(TARGET_GROUPS, "those it has", "new ones")]
    if not differences:
        return None
    return " ".join(
        [f"{new.service} cannot be changed like this while it runs:", *(_sentence(new, *each) for each in differences)]
    )


def of_shift(name: str, engine: str, deployments: Sequence[str]) -> str:
    """Why nothing about the service `name` changes while `deployments` move its requests."""
    one = len(deployments) == 1
    listed = " and ".join(deployments)
    stops = "; ".join(STOP[engine].format(deployment=deployment) for deployment in deployments)
    return (
        f"A release of {name} is under way ({'deployment' if one else 'deployments'} {listed}), and a change of the service "
        f"now could undo its shift of requests. Wait until it is done and deploy again, or stop it: {stops}"
    )


def _groups_replaced(before: Properties, new: Properties) -> bool:
    groups = {rule.key: (rule.blue_arn, rule.green_arn) for rule in before.rules}
    return any(
        groups.get(rule.key, (rule.blue_arn, rule.green_arn)) != (rule.blue_arn, rule.green_arn) for rule in new.rules
    )


def _sentence(new: Properties, name: str, old_value: str, new_value: str) -> str:
    remedy = new.remedies.get(name, "")
    said = f"{name}: {old_value} -> {new_value} ({WHY.get(name, OTHERWISE)})."
    return f"{said} {remedy.rstrip('.')}." if remedy else said
