"""Each known fault of rotation functions is looked for, and found where it is put in.

Those that live in a server's behaviour are in the folders of the engines, at real servers.
"""

from __future__ import annotations

from typing import Any

import pytest
from rotation.faults.fault import ALIAS, Fault, judge
from rotation.faults.of_postgresql import OF_POSTGRESQL
from rotation.faults.of_rabbitmq import OF_RABBITMQ
from rotation.faults.of_redis import OF_REDIS
from rotation.faults.of_refresh import OF_REFRESH
from rotation.faults.of_steps import OF_STEPS
from rotation.world import World

ALL: list[Fault[Any]] = [*OF_STEPS, *OF_REFRESH, *OF_REDIS, *OF_RABBITMQ, *OF_POSTGRESQL]
KNOWN = (
    "TLS silently off; `AWSPENDING` left behind; a clone that owns tables the other user cannot read; the previous secret's "
    "connection opened before host and user are compared; a rejected password tried for ever; the Redis test only waits for "
    '"active" and never authenticates; running tasks keep the old secret until redeployed.'
)
"""Of AWS's own functions, as the project's list of facts has them."""


def test_every_known_fault_is_looked_for() -> None:
    """By its name there; and the certificates, which another fact is about."""
    assert {*KNOWN.rstrip(".").split("; "), ALIAS} == {fault.name for fault in ALL}
    assert len(ALL) == len({str(fault) for fault in ALL})


@pytest.mark.parametrize("fault", OF_STEPS, ids=str)
def test_of_the_steps(fault: Fault[World], world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In memory: no server has a part in them."""
    judge(fault, world, monkeypatch)


@pytest.mark.parametrize("engine", ["ecs", "codedeploy"])
@pytest.mark.parametrize("fault", OF_REFRESH, ids=str)
def test_of_the_refresh(fault: Fault[str], engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By either release engine."""
    judge(fault, engine, monkeypatch)
