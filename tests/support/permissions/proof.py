"""The proof for one environment: every function plays its scenarios, and its role is held against what it asked."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from permissions.call import Call, Request
from permissions.deployed import Deployed
from permissions.invokers import askers, starters
from permissions.judgement import Finding, Principal, judge
from permissions.needs import requests
from permissions.principals import Function, StateMachine, functions, state_machines
from permissions.resources import UnknownNeed
from permissions.scene import PACKAGES, playing
from permissions.simulator import action_references
from permissions.surroundings import Surroundings
from permissions.synthesis import Environment

NOWHERE: Final[Mapping[str, Collection[str]]] = {}


@dataclass(frozen=True, slots=True)
class Played:
    """Somebody with a role, and what it called."""

    who: Function | StateMachine
    calls: list[Call]
    deployment_groups: Mapping[str, str] = field(default_factory=dict)
    managed_secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """What came out."""

    findings: list[Finding]
    calls: Mapping[str, list[Call]]
    """By title of function or state machine."""


def own_functions(
    deployed: Deployed, packages: Collection[str] = PACKAGES, *, in_region: Mapping[str, Collection[str]] = NOWHERE
) -> list[Function]:
    """Functions whose handler is in lambdas/, in one of `packages`; or in one that counts `in_region` alone. The others are
    CDK's.
    """
    return [
        each
        for each in functions(deployed)
        if each.entry.partition(".")[0] in {*packages, *in_region.get(each.region, ())}
    ]


def prove(
    environment: Environment,
    packages: Collection[str] = PACKAGES,
    *,
    in_region: Mapping[str, Collection[str]] = NOWHERE,
) -> Proof:
    """Play every function of `own_functions` in `environment`, and judge its role and those of the state machines that call it.

    Raises:
        AssertionError: a scenario did not go through, or nobody knows what a call acts on.
        ModuleNotFoundError: a function has no scenario: write scenarios/<package>.py.
    """
    deployed = environment.deployed
    own = own_functions(deployed, packages, in_region=in_region)
    played = [_play(function) for function in own]
    groups = {name: group for each in played for name, group in each.deployment_groups.items()}
    for machine in state_machines(deployed):
        calls = _called(machine, own, groups)
        # Those of CDK's providers call functions of CDK's.
        if any(call.parameters.get("FunctionName") in {each.resource.arn for each in own} for call in calls):
            played.append(Played(machine, calls, groups))
    references = action_references(call.action for each in played for call in each.calls)
    principals = []
    for each in played:
        around = Surroundings.of(deployed, each.deployment_groups, each.managed_secrets)
        asked: list[Request] = [*each.who.platform_requests()]
        for call in each.calls:
            try:
                asked += requests(call, around, references[call.action])
            except UnknownNeed as unknown:
                raise AssertionError(f"{each.who.title}: {unknown}") from unknown
        principals.append(Principal(each.who.title, each.who.role_arn, _once(asked)))
    principals += starters(deployed, {each.who.resource.arn for each in played if isinstance(each.who, StateMachine)})
    principals += askers(deployed, {each.resource.arn for each in own})
    return Proof(
        judge(deployed, principals, acknowledged=environment.acknowledged),
        {each.who.title: each.calls for each in played},
    )


def _play(function: Function) -> Played:
    package = function.entry.partition(".")[0]
    scenario = importlib.import_module(f"permissions.scenarios.{package}")
    with playing(function) as scene:
        scenario.play(scene)
    return Played(function, scene.aws.calls, scene.aws.deployment_groups, scene.aws.managed_secrets)


def _called(machine: StateMachine, own: list[Function], deployments: Iterable[str]) -> list[Call]:
    """A function that only the input of an execution names is one that knows this state machine, and so may start it.

    A deployment that only the input names is one that the functions were told of.
    """
    knowing = [each.resource.arn for each in own if machine.resource.arn in each.variables.values()]
    return list(machine.calls({"FunctionName": knowing, "DeploymentId": list(deployments)}))


def _once(asked: list[Request]) -> list[Request]:
    return list({(each.action, each.resource, repr(each.context), each.must): each for each in asked}.values())
