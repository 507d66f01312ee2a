"""Requirement R6: whatever dies in the middle of a drill, nothing of it is left once the clock or the next drill has looked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from drilling.names import COPY
from drilling.rds import Instance
from drilling.world import Drilling

from understudy.drill_workflow import STEPS

Begin = Callable[..., Drilling]
ORDER: Final = [*(step for step, _ in STEPS), "remove", "report"]
WAITING: Final = ("restore", "follow", "promote", "open", "start", "healthy", "remove")
"""Steps that are not through at the first look."""
STATES: Final = [
    f"{step.capitalize()}{part}" for step in ORDER for part in ("", "Verdict", *(("Wait",) if step in WAITING else ()))
]
"""That an undisturbed drill enters; `test_every_state_is_killed_at` holds it."""
CALLS: Final[dict[str, int]] = {
    "begin": 12,
    "point": 16,
    "restore": 14,
    "follow": 12,
    "promote": 13,
    "open": 15,
    "start": 16,
    "healthy": 13,
    "verify": 14,
    "remove": 15,
    "report": 21,
}
"""Calls of AWS that a look of each step makes at most; `test_every_call_is_killed_at` holds it."""


def _sampled(number: int, every: int) -> tuple[Any, ...]:
    return () if number % every == 0 else (pytest.mark.full,)


def _swept(world: Drilling) -> None:
    """As the clock does within hours: RDS takes its time, and deletes nothing that is still being made."""
    for _ in range(4):
        world.clock()
        world.sleep(700)


def test_every_state_is_killed_at(drilling: Begin) -> None:
    """All that there are, but for the end."""
    world = drilling()
    world.drill()
    assert {*STATES, "Held"} == set(world.history)


def test_every_call_is_killed_at(drilling: Begin) -> None:
    """As many as each step makes."""
    world = drilling()
    world.drill()
    assert CALLS == world.made


@pytest.mark.parametrize(
    "state", [pytest.param(state, marks=_sampled(number, 9)) for number, state in enumerate(STATES)]
)
def test_R6_what_an_aborted_drill_leaves_is_removed_by_the_clock(drilling: Begin, state: str) -> None:
    """And its record says that it ended in the middle."""
    world = drilling()
    world.when(state, lambda: setattr(world, "kill_state", 0))
    assert "States.Aborted" == world.drill()
    world.kill_state = None
    _swept(world)
    assert [] == world.left
    assert state == "Begin" or world.newest["state"] == ("held" if state == "ReportVerdict" else "failed")


@pytest.mark.parametrize(
    "state", [pytest.param(state, marks=_sampled(number, 9)) for number, state in enumerate(STATES)]
)
def test_R6_what_an_aborted_drill_leaves_is_removed_by_the_next_one(drilling: Begin, state: str) -> None:
    """Which is then held as if there had been none."""
    world = drilling()
    world.when(state, lambda: setattr(world, "kill_state", 0))
    assert "States.Aborted" == world.drill()
    world.kill_state = None
    assert "Held" == world.drill("drill-2")
    assert [] == world.left


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("step", "call"),
    [
        pytest.param(step, call, marks=_sampled(index + call, 8))
        for index, (step, calls) in enumerate(CALLS.items())
        for call in range(calls)
    ],
)
def test_R6_a_function_that_is_killed_is_asked_again(drilling: Begin, step: str, call: int, *, after: bool) -> None:
    """And makes nothing twice: one copy, one task of each service, one report."""
    world = drilling(kill_call=(step, call, after))
    assert "Held" == world.drill()
    assert [] == world.left
    assert (1, 2) == (world.rds.restores, len(world.ecs.there))
    assert 1 == len(world.messages) or step == "report"


@pytest.mark.parametrize("step", ORDER)
def test_R6_a_function_that_never_answers_leaves_nothing_either(drilling: Begin, step: str) -> None:
    """What the execution itself could not remove, the clock does."""
    world = drilling(silent={step})
    # Whose removal alone did not answer has been held: its report says that something is left.
    assert ("Held" if step == "remove" else "NotHeld") == world.drill()
    world.silent = set()
    _swept(world)
    assert [] == world.left
    assert "running" != world.newest["state"] if world.item("drill") else step == "begin"


def test_R6_the_clock_spares_a_drill_that_is_at_work(drilling: Begin) -> None:
    """At every state of it."""
    world = drilling()
    for state in ("Follow", "Promote", "Open", "Healthy", "Verify"):
        world.when(state, world.clock)
    assert "Held" == world.drill()
    assert 1 == world.rds.restores


def test_R6_a_database_that_no_drill_has_made_is_not_deleted(drilling: Begin) -> None:
    """Whoever gave it that name has to be asked: the clock says that it is there."""
    world = drilling()
    world.rds.there[COPY] = Instance([], 0.0)
    (left,) = world.clock()["left"]
    assert f"{COPY}, which bears no tag of a drill: a person has to look" == left
    assert ("DrillLeft", 1.0) in world.metrics
    assert [] == world.rds.deleted
