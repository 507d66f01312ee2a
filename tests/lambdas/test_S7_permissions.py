"""Requirement S7, least privilege: every permission of every function is asked for by the function, and every one it asks
for is there.

Each function of an environment runs its scenarios (tests/support/permissions/scenarios), every call to AWS is recorded,
and an IAM simulator judges the calls against the role in the synthesized template. A call that is denied fails. A
permission that no call needed fails too, unless permissions.yaml beside this file gives the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from permissions.invokers import let_in, who_comes
from permissions.proof import Proof, own_functions, prove
from permissions.reasons import read_reasons, stale, without_reason
from permissions.scene import PACKAGES, SHARED, scenario_file
from permissions.source import operations
from permissions.synthesis import ROOT, environment, unchanged

from spec import load

REASONS: Final = Path(__file__).with_name("permissions.yaml")
Data = dict[str, Any]
Change = Callable[[Data], object]


def by_ecs(data: Data) -> None:
    """ECS shifts requests itself, behind two load balancers, and a migration is taken back by a program."""
    for service in data["services"].values():
        service["release"] = {**service.get("release", {}), "engine": "ecs", "strategy": "canary"}
    data["edge"] |= {"entry": "load_balancer", "static_paths": []}
    data["services"]["api"]["migration"]["way_back"] = {"kind": "command", "command": ["node", "back.js"]}


def by_both(data: Data) -> None:
    """One service by ECS, the others by CodeDeploy, one of these with a migration that the old version can live with."""
    data["services"]["generator"]["release"] = {"engine": "ecs", "strategy": "blue_green"}


def stood_in(data: Data) -> None:
    """A region that stands in, and a witness."""
    data["recovery"] = {"strategy": "warm_standby", "region": "us-east-1", "witness_region": "us-east-2"}


def unwitnessed(data: Data) -> None:
    """A region that stands in, and no third one."""
    data["recovery"] = {"strategy": "pilot_light", "region": "us-east-1"}


def taken_over(data: Data) -> None:
    """The same after a failover: the region that stood in is active, and has not yet got anything that stands in for it."""
    stood_in(data)
    data["recovery"] |= {"active": "us-east-1"}


BACKUPS: Final = ("backup_watch", "point_in_time", "restore_tests")
"""Of whichever site is active; copies go to the other one."""
RECOVERY: Final = (
    "backup_watch",
    "broker_mirror",
    "failover",
    "image_replication",
    "region_guard",
    "secret_mirror",
    "stack_hook",
)
"""Of environments in which something stands in, only the functions that others have not, or not all of; in both sites."""
WAITING: Final[Mapping[Change, Mapping[str, tuple[str, ...]]]] = {
    stood_in: {"us-east-1": ("deployment_hooks", "deployment_start", "release_watch", "service_traffic")}
}
"""Where a site waits, releases ask for less: what belongs to the active one's migrations is missing from its roles."""
PACKAGES_OF: Final[Mapping[Change, tuple[str, ...]]] = {
    stood_in: RECOVERY,
    taken_over: BACKUPS,
    unwitnessed: RECOVERY,
}
SAMPLED: Final[tuple[tuple[str, str, Change], ...]] = (
    ("generator-platform", "prod", by_both),
    ("generator-platform", "prod", by_ecs),
    ("storefront", "dev", unchanged),
    ("generator-platform", "prod", stood_in),
    ("generator-platform", "prod", taken_over),
)
EVERY: Final[tuple[tuple[str, str, Change], ...]] = (
    *SAMPLED,
    ("storefront", "prod", unwitnessed),
    *(
        (file.stem, name, unchanged)
        for file in sorted((ROOT / "apps").glob("*.yaml"))
        if not file.stem.endswith(".images")
        for name in load(file).environments
        if (file.stem, name) != ("storefront", "dev")
    ),
)


@cache
def _proof(app: str, name: str, change: Change) -> Proof:
    return prove(environment(app, name, change), _packages(change), in_region=WAITING.get(change, {}))


def _packages(change: Change) -> tuple[str, ...]:
    return PACKAGES_OF.get(change, tuple(PACKAGES))


@pytest.mark.parametrize(
    ("app", "name", "change"),
    [pytest.param(*case, marks=() if case in SAMPLED else pytest.mark.full) for case in EVERY],
    ids=[f"{app}-{name}-{change.__name__}" for app, name, change in EVERY],
)
def test_every_call_is_allowed_and_every_permission_is_needed(app: str, name: str, change: Change) -> None:
    """Functions and the state machines that call them, each against the role that the template gives it."""
    found = without_reason(_proof(app, name, change).findings, read_reasons(REASONS))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("app", "name", "change"), SAMPLED, ids=[f"{app}-{change.__name__}" for app, _, change in SAMPLED]
)
def test_functions_let_in_who_comes_and_nobody_else(app: str, name: str, change: Change) -> None:
    """Secrets Manager for each secret and EventBridge for each rule, by a policy that names secret or rule, and account."""
    deployed = environment(app, name, change).deployed
    own = own_functions(deployed, _packages(change), in_region=WAITING.get(change, {}))
    functions = {function.resource.arn for function in own}
    assert sorted(who_comes(deployed, functions)) == sorted(let_in(deployed, functions))


@pytest.mark.full
def test_every_reason_is_needed() -> None:
    """A reason for something that nobody finds any more has to go."""
    findings = [finding for case in EVERY for finding in _proof(*case).findings]
    assert [] == stale(findings, read_reasons(REASONS))


def test_every_package_of_functions_is_proved() -> None:
    """Whoever adds a function adds its scenarios, and an environment that has the function."""
    packages = set(PACKAGES) - {SHARED}
    assert set() == {package for package in packages if not scenario_file(package).exists()}
    deployed = {
        function.entry.partition(".")[0] for case in SAMPLED for function in own_functions(environment(*case).deployed)
    }
    assert packages == deployed


def test_every_operation_in_the_source_is_played() -> None:
    """A call that no scenario reaches proves nothing: each one that the source has is among those recorded."""
    played = {
        (call.signing_name, call.operation)
        for case in SAMPLED
        for calls in _proof(*case).calls.values()
        for call in calls
    }
    assert set() == operations(ROOT / "lambdas") - played
