"""Requirement R5: whatever dies in the middle of a failover, the next execution finishes or undoes what it finds.

Executions are aborted at every state that they enter; functions die at every call of AWS that they make, before it is sent and
after it has worked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from failing_over.ends import changed_nothing, taken_over
from failing_over.world import World

from understudy.failover_workflow import AFTER, BEFORE, NO_RETURN

Begin = Callable[..., World]
STEPS: Final = [step for step, _ in (*BEFORE, *AFTER)]
STATES: Final = 58
"""That an undisturbed failover of this world enters; `test_every_state_is_killed_at` holds it."""
CALLS: Final[dict[str, int]] = {
    "assess": 5,
    "lock": 8,
    "approve": 7,
    "gate": 12,
    "fence": 8,
    "catch_up": 8,
    "take": 14,
    "promote": 15,
    "promoted": 5,
    "open": 6,
    "scale": 11,
    "files": 5,
    "switch": 6,
    "verify": 6,
    "report": 16,
    "unlock": 6,
}
"""Calls that a look of each step makes at most; `test_every_call_is_killed_at` holds it."""
UNDOING: Final = 15
"""Calls of the step that undoes."""


def _sampled(number: int, every: int) -> tuple[Any, ...]:
    return () if number % every == 0 else (pytest.mark.full,)


def test_every_state_is_killed_at(begin: Begin) -> None:
    """As many as there are."""
    world = begin()
    world.failover()
    assert STATES == len(world.history)


def test_every_call_is_killed_at(begin: Begin) -> None:
    """As many as each step makes, in a failover and in a switchover."""
    failover = begin()
    failover.failover()
    switchover = begin(lost=False)
    switchover.failover(mode="switchover", by="somebody")
    made = {step: max(failover.made[step], switchover.made[step]) for step in failover.made}
    assert CALLS == made


@pytest.mark.parametrize("number", [pytest.param(number, marks=_sampled(number, 9)) for number in range(1, STATES)])
def test_R5_an_aborted_failover_is_gone_on_with(begin: Begin, number: int) -> None:
    """By the next execution, with one promotion and one writable site at any time; before the promotion it begins anew."""
    world = begin(kill_state=number)
    assert "States.Aborted" == world.failover()
    world.kill_state = None
    assert "FailedOver" == world.failover("again") or (
        # It had come to its end but for the lock.
        world.item("failover")["state"] == "done" and world.item("failover")["execution"].endswith(":one")
    )
    assert taken_over(world)
    assert 1 == world.promotions


@pytest.mark.parametrize("number", [pytest.param(number, marks=_sampled(number, 9)) for number in range(1, STATES)])
def test_R5_an_aborted_failover_whose_region_comes_back_is_undone(begin: Begin, number: int) -> None:
    """As long as it had not passed the point of no return; afterwards it can only be gone on with."""
    world = begin(kill_state=number)
    assert "States.Aborted" == world.failover()
    world.kill_state = None
    world.rise()
    world.sleep(60)
    ended = world.failover("again")
    if "Promote" in world.history[:number]:
        assert taken_over(world)
        assert not world.writes_at_home
    else:
        assert "NotFailedOver" == ended
        assert changed_nothing(world)
        world.sleep(10)
        assert world.writes_at_home
    assert not world.ever_two
    assert world.history.count(NO_RETURN) <= 2


@pytest.mark.parametrize(
    "number", [pytest.param(number, marks=_sampled(number, 9)) for number in range(1, STATES + 10)]
)
def test_R5_an_aborted_switchover_is_undone_or_gone_on_with(begin: Begin, number: int) -> None:
    """Nobody is left without a writable site."""
    world = begin(lost=False, kill_state=number)
    ended = world.failover(mode="switchover", by="somebody")
    world.kill_state = None
    if ended == "States.Aborted":
        world.failover("again", mode="switchover", by="somebody")
        if world.item("failover")["state"] == "undone":
            # The other site's guard needs a moment before it is seen at work again.
            world.sleep(60)
            assert "FailedOver" == world.failover("third", mode="switchover", by="somebody")
    assert taken_over(world)
    assert 0 == world.report["lost"]["at_most_seconds"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("step", "call"),
    [
        pytest.param(step, call, marks=_sampled(index + call, 7))
        for index, (step, calls) in enumerate(CALLS.items())
        for call in range(calls)
    ],
)
def test_R5_a_function_that_is_killed_is_asked_again(begin: Begin, step: str, call: int, *, after: bool) -> None:
    """And does what is left: no step does twice what must be done once."""
    world = begin(kill_call=(step, call, after))
    assert "FailedOver" == world.failover()
    assert taken_over(world)
    # A message that comes twice is better than none, and RDS may be asked twice for what it has begun.
    assert 1 == len(world.messages) or step == "report"
    assert 1 == world.promotions or step == "promote"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", [pytest.param(call, marks=_sampled(call, 4)) for call in range(UNDOING)])
def test_R5_undoing_can_be_killed_too(begin: Begin, call: int, *, after: bool) -> None:
    """The witness could not be reached when the lease was to be taken: what was begun is given back without it."""
    world = begin(kill_call=("undo", call, after))
    world.when("Take", lambda: setattr(world, "witness_reached", False))
    assert "NotFailedOver" == world.failover()
    assert changed_nothing(world)
    assert 1 == len(world.messages) or after
    world.rise()
    world.sleep(60)
    assert world.writes_at_home


@pytest.mark.parametrize("step", STEPS)
def test_R5_a_function_that_never_answers_is_a_step_that_failed(begin: Begin, step: str) -> None:
    """Before the point of no return all is put back; afterwards a person is asked, and has it tried again."""
    world = begin(silent={step})

    def mend(world: World, asked: Any) -> str:
        assert step == asked["step"]
        world.silent = set()
        return "approve"

    world.answer = mend
    ended = world.failover()
    if step in dict(BEFORE):
        assert "NotFailedOver" == ended
        assert changed_nothing(world)
        assert "its function's log says why" in world.messages[-1][1]
    else:
        assert "FailedOver" == ended
        assert taken_over(world)


def test_R5_an_undo_that_cannot_be_done_is_done_by_the_next_execution(begin: Begin) -> None:
    """It says so, and rings."""
    world = begin(silent={"take", "undo"})
    assert "NotUndone" == world.failover()
    assert world.item("lock")
    world.silent = set()
    world.rise()
    world.sleep(60)
    assert "NotFailedOver" == world.failover("again")
    assert changed_nothing(world)
