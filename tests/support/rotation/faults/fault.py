"""Known faults of rotation functions: a check that finds each, and the fault itself, to be put into this project's code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import pytest

Scene = TypeVar("Scene")

TLS: Final = "TLS silently off"
LABEL: Final = "`AWSPENDING` left behind"
CLONE: Final = "a clone that owns tables the other user cannot read"
PREVIOUS: Final = "the previous secret's connection opened before host and user are compared"
REJECTED: Final = "a rejected password tried for ever"
ACTIVE: Final = 'the Redis test only waits for "active" and never authenticates'
RUNNING: Final = "running tasks keep the old secret until redeployed"
ALIAS: Final = "RDS certificates do not name CNAMEs"


@dataclass(frozen=True)
class Fault(Generic[Scene]):
    """One way to have a fault. `name`: what the list of known faults calls it; `how` it is put in."""

    name: str
    how: str
    check: Callable[[Scene], None]
    """Raises AssertionError where the fault is, and nothing else. Can be called again on the same scene."""
    put_in: Callable[[pytest.MonkeyPatch], None]

    def __str__(self) -> str:
        """As pytest names the test."""
        return f"{self.name}: {self.how}"


def judge(fault: Fault[Scene], scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code does not have the fault, and if it had, the check would say so."""
    fault.check(scene)
    with monkeypatch.context() as patches:
        fault.put_in(patches)
        with pytest.raises(AssertionError):
            fault.check(scene)
    fault.check(scene)
