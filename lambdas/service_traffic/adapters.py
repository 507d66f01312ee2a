"""What this function asks of AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from service_traffic.rules import Actions, LiveRule, Pair, WantedRule
from shared.aws import client, is_error
from shared.unfinished import UNFINISHED_BY_CODEDEPLOY, UNFINISHED_BY_ECS

SERVICES_AT_ONCE: Final = 10
"""That ECS describes in one call (API Reference, DescribeServices)."""


def standing_rules(listener_arns: Iterable[str]) -> list[LiveRule]:
    """Every rule of the listeners except their defaults. A listener that is gone has none."""
    found: list[LiveRule] = []
    for listener_arn in listener_arns:
        try:
            for page in client("elbv2").get_paginator("describe_rules").paginate(ListenerArn=listener_arn):
                found += [
                    LiveRule(
                        arn=rule["RuleArn"],
                        listener_arn=listener_arn,
                        priority=int(rule["Priority"]),
                        conditions=rule["Conditions"],
                        actions=rule["Actions"],
                    )
                    for rule in page["Rules"]
                    if not rule.get("IsDefault")
                ]
        except Exception as failure:
            if not is_error(failure, "ListenerNotFound"):
                raise
    return found


def set_conditions(rule_arn: str, wanted: WantedRule) -> None:
    """Change which requests a rule matches, and not where they go."""
    client("elbv2").modify_rule(RuleArn=rule_arn, Conditions=_any(wanted.conditions))


def set_priorities(priorities: Mapping[str, int]) -> None:
    """All in one call, so that rules may swap. By rule."""
    client("elbv2").set_rule_priorities(
        RulePriorities=[{"RuleArn": arn, "Priority": priority} for arn, priority in priorities.items()]
    )


def lead_to(rule_arn: str, actions: Actions) -> None:
    """Change where a rule's requests go."""
    client("elbv2").modify_rule(RuleArn=rule_arn, Actions=_any(actions))


def create(wanted: WantedRule, actions: Actions) -> str:
    """Make a rule; its ARN."""
    answer = client("elbv2").create_rule(
        ListenerArn=wanted.listener_arn,
        Priority=wanted.priority,
        Conditions=_any(wanted.conditions),
        Actions=_any(actions),
    )
    return answer["Rules"][0]["RuleArn"]


def remove(rule_arn: str) -> None:
    """Remove a rule; one that is gone already is fine."""
    try:
        client("elbv2").delete_rule(RuleArn=rule_arn)
    except Exception as failure:
        if not is_error(failure, "RuleNotFound"):
            raise


def unfinished_codedeploy(application: str, group: str) -> list[str]:
    """Deployments of the group that have not ended. None before it exists."""
    try:
        answer = client("codedeploy").list_deployments(
            applicationName=application, deploymentGroupName=group, includeOnlyStatuses=list(UNFINISHED_BY_CODEDEPLOY)
        )
    except Exception as failure:
        if is_error(failure, "ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"):
            return []
        raise
    return sorted(answer.get("deployments", []))


def unfinished_ecs(cluster: str, service_arn: str) -> list[str]:
    """Service deployments that have not ended."""
    answer = client("ecs").list_service_deployments(
        cluster=cluster, service=service_arn, status=list(UNFINISHED_BY_ECS)
    )
    return sorted(found["serviceDeploymentArn"] for found in answer.get("serviceDeployments", []))


def service_behind(cluster: str, target_groups: Iterable[str]) -> Mapping[str, Any] | None:
    """The service whose tasks stand in one of the target groups. None before it exists."""
    groups = set(target_groups)
    try:
        pages = list(client("ecs").get_paginator("list_services").paginate(cluster=cluster))
    except Exception as failure:
        if is_error(failure, "ClusterNotFoundException"):
            return None
        raise
    arns = [arn for page in pages for arn in page["serviceArns"]]
    for first in range(0, len(arns), SERVICES_AT_ONCE):
        batch = arns[first : first + SERVICES_AT_ONCE]
        for service in client("ecs").describe_services(cluster=cluster, services=batch)["services"]:
            if groups & _groups_of(service):
                return service
    return None


def serving_group(cluster: str, pair: Pair) -> str:
    """Which group of `pair` ECS has the serving tasks in: for when no rule tells. Blue before the service exists."""
    service = service_behind(cluster, pair.arns)
    serving = [task_set for task_set in (service or {}).get("taskSets", []) if task_set.get("status") == "PRIMARY"]
    groups = {group for task_set in serving for group in _groups_of(task_set)} or _resolved_groups(service)
    return next((arn for arn in sorted(pair.arns) if arn in groups), pair.blue)


def is_rolling_back(stack_id: str) -> bool:
    """Whether CloudFormation is going back, when nothing may be refused."""
    stacks = client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    return any("ROLLBACK" in stack["StackStatus"] for stack in stacks)


def _groups_of(holder: Mapping[str, Any]) -> set[str]:
    """Target groups of a service, of its task sets, and of ECS's own shifts."""
    found: set[str] = set()
    for balancer in holder.get("loadBalancers") or []:
        found.add(balancer.get("targetGroupArn", ""))
        found.add(balancer.get("advancedConfiguration", {}).get("alternateTargetGroupArn", ""))
    for task_set in holder.get("taskSets") or []:
        found |= _groups_of(task_set)
    return found - {""}


def _resolved_groups(service: Mapping[str, Any] | None) -> set[str]:
    """Of the service's current revision, where ECS itself shifts."""
    revisions = [entry["arn"] for entry in (service or {}).get("currentServiceRevisions") or [] if "arn" in entry]
    if not revisions:
        return set()
    described = client("ecs").describe_service_revisions(serviceRevisionArns=revisions)["serviceRevisions"]
    balancers = [one for each in described for one in each.get("resolvedConfiguration", {}).get("loadBalancers", [])]
    return {balancer["targetGroupArn"] for balancer in balancers if "targetGroupArn" in balancer}


def _any(shape: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - in ELB's shape already, as the template has it
    return [dict(part) for part in shape]
