"""Requirement S7: every permission of a failover's functions is asked for, and every one that they ask for is there."""

from __future__ import annotations

from typing import Any

import pytest
from permissions.invokers import let_in, who_comes
from permissions.proof import own_functions, prove
from permissions.synthesis import environment

PACKAGES = ("failover",)


def witnessed(data: dict[str, Any]) -> None:
    """A stand-in, and a witness; production with a database."""
    data["recovery"] = {"strategy": "warm_standby", "region": "us-east-1", "witness_region": "us-east-2"}


def unwitnessed(data: dict[str, Any]) -> None:
    """No third region."""
    data["recovery"] = {"strategy": "pilot_light", "region": "us-east-1"}


@pytest.mark.parametrize("change", [witnessed, pytest.param(unwitnessed, marks=pytest.mark.full)])
def test_S7_every_call_is_allowed_and_every_permission_is_needed(change: Any) -> None:
    """In both sites, and of the state machines."""
    proof = prove(environment("storefront", "prod", change), PACKAGES)
    assert 3 <= len(proof.calls)
    assert not proof.findings, "\n".join(map(str, proof.findings))


def test_S7_functions_let_in_who_comes_and_nobody_else() -> None:
    """The alarm and the clock."""
    deployed = environment("storefront", "prod", witnessed).deployed
    functions = {function.resource.arn for function in own_functions(deployed, PACKAGES)}
    assert sorted(who_comes(deployed, functions)) == sorted(let_in(deployed, functions))
