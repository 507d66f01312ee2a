"""From the rules that stand to those that are wanted, without moving one request.

A rule is ours if it forwards to our target groups and to no others. A standing rule is the wanted one if it has the same
conditions; else the same priority; else if both are the only ones left for their listener and pair. So no state is kept
anywhere but in the load balancer, and a run that was killed is finished by the next one.

The order in which changes are made: conditions, priorities (in one call, since two rules may swap), takeovers, new rules,
and last what is gone, so that a path which moves between two rules is never without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from service_traffic.rules import Actions, LiveRule, Pair, WantedRule, same_conditions
from shared.told import Told

Place = tuple[str, int]
"""A listener's ARN and a priority on it."""

LiveGroup = Callable[[Pair], str]
"""Which group of a pair serves, for when no rule tells."""


class PriorityTaken(Told):
    """A rule that is not ours stands where one of ours should."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do, in this order."""

    conditions: Mapping[str, WantedRule] = field(default_factory=dict)
    """By the standing rule's ARN."""
    priorities: Mapping[str, int] = field(default_factory=dict)
    takeovers: Mapping[str, Actions] = field(default_factory=dict)
    """Rules of another service that has given the path to this one."""
    creations: Sequence[tuple[WantedRule, Actions]] = ()
    removals: Sequence[str] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    """ARN of each wanted rule that stands, by its key."""


def changes(
    wanted: Sequence[WantedRule],
    standing: Sequence[LiveRule],
    *,
    owned: Iterable[str],
    others: Iterable[Place] = (),
    live_group: LiveGroup = lambda pair: pair.blue,
) -> Changes:
    """What makes `wanted` of `standing`, which holds every rule of the listeners in question.

    `owned`: target groups of the service. `others`: where other services are to have rules: ours are left to them there.

    Raises:
        PriorityTaken: naming the rule that is in the way.
    """
    groups = frozenset(owned)
    ours = [rule for rule in standing if rule.weights and groups.issuperset(rule.weights)]
    matched = _matched(wanted, ours)
    gone = [rule for rule in ours if rule not in matched.values()]
    missing = [rule for rule in wanted if rule.key not in matched]
    foreign = {(rule.listener_arn, rule.priority): rule for rule in standing if rule not in ours}
    taken = {rule.key: _takeover(rule, foreign) for rule in missing}
    actions = {rule.key: _actions(rule, ours, live_group) for rule in missing}
    priorities = {
        matched[rule.key].arn: rule.priority
        for rule in wanted
        if rule.key in matched and matched[rule.key].priority != rule.priority
    }
    left_to_others = set(others)
    return Changes(
        conditions={
            matched[rule.key].arn: rule
            for rule in wanted
            if rule.key in matched and not same_conditions(rule.conditions, matched[rule.key].conditions)
        },
        priorities=priorities | _out_of_the_way(gone, wanted, standing),
        takeovers={found.arn: actions[key] for key, found in taken.items() if found is not None},
        creations=[(rule, actions[rule.key]) for rule in missing if taken[rule.key] is None],
        removals=[rule.arn for rule in gone if (rule.listener_arn, rule.priority) not in left_to_others],
        kept={key: rule.arn for key, rule in matched.items()}
        | {key: found.arn for key, found in taken.items() if found is not None},
    )


def _matched(wanted: Sequence[WantedRule], ours: Sequence[LiveRule]) -> dict[str, LiveRule]:
    """The standing rule of each key that has one."""
    found: dict[str, LiveRule] = {}
    left = list(ours)

    def match(same: Callable[[WantedRule, LiveRule], bool]) -> None:
        for rule in wanted:
            if rule.key in found:
                continue
            alike = next((live for live in left if _together(rule, live) and same(rule, live)), None)
            if alike is not None:
                found[rule.key] = alike
                left.remove(alike)

    match(lambda rule, live: rule.priority == live.priority and same_conditions(rule.conditions, live.conditions))
    match(lambda rule, live: same_conditions(rule.conditions, live.conditions))
    match(lambda rule, live: rule.priority == live.priority)

    def alone(rule: WantedRule, live: LiveRule) -> bool:
        rivals = [one for one in wanted if one.key not in found and _together(one, live)]
        return rivals == [rule] and [one for one in left if _together(rule, one)] == [live]

    match(alone)
    return found


def _together(rule: WantedRule, live: LiveRule) -> bool:
    return rule.listener_arn == live.listener_arn and rule.pair.arns.issuperset(live.weights)


def _takeover(rule: WantedRule, foreign: Mapping[Place, LiveRule]) -> LiveRule | None:
    """The rule of another service that is to become this one: same place, same requests."""
    found = foreign.get((rule.listener_arn, rule.priority))
    if found is None or same_conditions(rule.conditions, found.conditions):
        return found
    raise PriorityTaken(
        f"Priority {rule.priority} of {rule.listener_arn} is taken by {found.arn}, which does not belong to this service and "
        "matches other requests. Remove that rule, or give the path another pattern."
    )


def _actions(rule: WantedRule, ours: Sequence[LiveRule], live_group: LiveGroup) -> Actions:
    """Of a new rule: exactly what users of the service meet elsewhere, or for a test rule the group they do not meet.

    Rules that are about to go tell as well as those that stay: all paths of a service may change at once.
    """
    alike = [live for live in ours if _together(rule, live)]
    if alike:
        return alike[0].actions
    beside = [
        live for live in ours if live.listener_arn != rule.listener_arn and rule.pair.arns.issuperset(live.weights)
    ]
    served = [live.heaviest for live in beside if live.heaviest] if rule.test else []
    return rule.pair.actions(served[0] if served else live_group(rule.pair), idle=rule.test)


def _out_of_the_way(
    gone: Sequence[LiveRule], wanted: Sequence[WantedRule], standing: Sequence[LiveRule]
) -> dict[str, int]:
    """Free priorities for rules that will be removed, but stand where a wanted one goes before that."""
    places = {(rule.listener_arn, rule.priority) for rule in wanted}
    used = places | {(rule.listener_arn, rule.priority) for rule in standing}
    moved: dict[str, int] = {}
    for rule in gone:
        if (rule.listener_arn, rule.priority) in places:
            moved[rule.arn] = next(n for n in count(1) if (rule.listener_arn, n) not in used)
            used.add((rule.listener_arn, moved[rule.arn]))
    return moved
