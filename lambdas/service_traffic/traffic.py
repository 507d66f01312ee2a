"""What a request about a service's traffic comes to: refused, or carried out against the load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service_traffic import adapters, logic, refusal
from service_traffic.models import Properties, RuleProperty, UnreadableProperties, properties
from service_traffic.rules import Pair, WantedRule
from shared.cloudformation import Request
from shared.told import Told


class Refused(Told):
    """The update must not begin; says why, and what to do."""


def carry_out(request: Request, application: str) -> dict[str, str]:
    """Do what `request` wants. The ARN of each rule, as `<Key>Arn`.

    Raises:
        Refused: a shift is under way, or something changes that cannot.
        UnreadableProperties, logic.PriorityTaken: each with its sentence.
    """
    if request.request_type == "Delete":
        _delete(request.resource_properties)
        return {}
    wanted = properties(request.resource_properties)
    if request.request_type == "Update":
        _guard(request, wanted, application)
    return _reconcile(wanted, request.old_resource_properties)


def _guard(request: Request, wanted: Properties, application: str) -> None:
    why = refusal.of_change(request.old_resource_properties, wanted) or _shift(wanted, application)
    # Asked last, because it matters for a refusal alone. If CloudFormation cannot be asked, the refusal stands too.
    if why is not None and not adapters.is_rolling_back(request.stack_id):
        raise Refused(why)


def _shift(wanted: Properties, application: str) -> str | None:
    if wanted.engine == "codedeploy":
        unfinished = adapters.unfinished_codedeploy(application, wanted.code_deploy_group)
    elif wanted.strategy == "rolling":
        return None  # tasks are replaced within one target group: no weight to lose
    else:
        groups = {arn for rule in wanted.rules for arn in _pair(rule).arns}
        service = adapters.service_behind(wanted.cluster, groups)
        unfinished = adapters.unfinished_ecs(wanted.cluster, service["serviceArn"]) if service else []
    return refusal.of_shift(wanted.service, wanted.engine, unfinished) if unfinished else None


def _reconcile(wanted: Properties, old: Mapping[str, Any]) -> dict[str, str]:
    before = _rules_of(old)
    rules = [
        WantedRule(rule.key, rule.listener_arn, rule.priority, rule.conditions, _pair(rule), rule.test)
        for rule in wanted.rules
    ]
    known = [*wanted.rules, *before]
    todo = logic.changes(
        rules,
        adapters.standing_rules(dict.fromkeys(rule.listener_arn for rule in known)),
        owned={arn for rule in known for arn in _pair(rule).arns},
        others=[(other.listener_arn, other.priority) for other in wanted.others],
        live_group=lambda pair: adapters.serving_group(wanted.cluster, pair) if pair.green else pair.blue,
    )
    arns = dict(todo.kept)
    for arn, rule in todo.conditions.items():
        adapters.set_conditions(arn, rule)
    if todo.priorities:
        adapters.set_priorities(todo.priorities)
    for arn, actions in todo.takeovers.items():
        adapters.lead_to(arn, actions)
    for rule, actions in todo.creations:
        arns[rule.key] = adapters.create(rule, actions)
    for arn in todo.removals:
        adapters.remove(arn)
    return {f"{key}Arn": arn for key, arn in arns.items()}


def _delete(given: Mapping[str, Any]) -> None:
    """Nothing was ever made of properties that cannot be read, so their resource can go."""
    rules = _rules_of(given)
    owned = {arn for rule in rules for arn in _pair(rule).arns}
    standing = adapters.standing_rules(dict.fromkeys(rule.listener_arn for rule in rules))
    for arn in logic.changes([], standing, owned=owned).removals:
        adapters.remove(arn)


def _rules_of(given: Mapping[str, Any]) -> list[RuleProperty]:
    try:
        return properties(given).rules
    except UnreadableProperties:
        return []


def _pair(rule: RuleProperty) -> Pair:
    return Pair(rule.blue_arn, rule.green_arn or None)
