"""The runbooks of failovers, followed word by word while users write: each play is one that somebody on call may have to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

import pytest

from rehearsal.failover import messages
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.faults.regions import lose
from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import FaultName, Plan, Step
from rehearsal.failover.play import rehearse
from rehearsal.failover.scene import Scene
from tests.rehearsal.failover.runbook import Runbook

pytestmark = pytest.mark.full

NAME: Final = "storefront-prod\n"
"""What is typed back."""
TOLD_SECONDS: Final = 1200.0
"""Virtual: until people are asked. A step's own time-out, and several attempts, come before."""

Followed = Callable[[Runbook, Scene], None]


def played(regions: Deployed, fault: FaultName, runbook: str, follow: Followed, at: Step | float = 0.0) -> Outcome:
    """The outcome of a fault that people meet by a runbook."""

    def hands(scene: Scene, _at: Step | float) -> None:
        follow(Runbook(runbook, regions, scene), scene)

    return rehearse(regions, Plan(fault=fault, at=at), tell=lambda _: None, hands=hands)


def asked(scene: Scene) -> None:
    """Wait until a failover waits for a person."""
    scene.wait_for(
        "a question to people",
        lambda: messages.waits([str(one["text"]) for one in scene.happenings.of("message")]),
        seconds=TOLD_SECONDS,
    )


def went_on_late(outcome: Outcome) -> None:
    """A quarter of an hour has passed before people are asked, so the promised time has: all the rest is as ever."""
    assert "recovered" == outcome.ending, outcome
    assert 1 == outcome.promotions, outcome
    assert outcome.overlap_seconds <= 0, outcome
    assert outcome.lost_seconds <= outcome.rpo_seconds, outcome


def mute(scene: Scene) -> None:
    """Have the alarm begin nothing more, as when somebody has muted it: what then happens is a person's doing."""
    alarms = scene.apis(scene.stand_in)
    name = f"{scene.prefix}-failover-lost-critical"
    asked = {"AlarmTypes": ["CompositeAlarm"], "AlarmNames": [name]}
    (found,) = alarms.call("cloudwatch", "describe_alarms", asked)["CompositeAlarms"]
    muted = {"AlarmName": name, "AlarmRule": found["AlarmRule"], "ActionsEnabled": False}
    alarms.call("cloudwatch", "put_composite_alarm", muted)


def test_R5_fail_over_by_hand(regions: Deployed) -> None:
    """Nothing begins by itself: `status`, then the command, which watches it to its end."""

    def follow(runbook: Runbook, scene: Scene) -> None:
        mute(scene)
        lose(scene, 0.0)
        assert 0 == runbook.follow("Fail over by hand", types=NAME, what="us-west-2 does not answer"), runbook.said
        assert "active us-east-1, instead of us-west-2" in runbook.said[-1], runbook.said

    outcome = played(regions, "dark", "fail-over.md", follow)
    assert () == outcome.wrongs, outcome
    assert 1 == outcome.promotions


def test_R5_fail_over_without_the_command_and_answer_what_it_asks(regions: Deployed) -> None:
    """The promotion hangs until somebody mends it; begun, and answered afterwards, by the AWS CLI alone."""

    def follow(runbook: Runbook, scene: Scene) -> None:
        mute(scene)
        scene.stage.databases.hang(promotions=True)
        lose(scene, 0.0)
        assert 0 == runbook.follow("Without the command", 0, what="nothing answers", your="somebody"), runbook.said
        assert "execution:storefront-prod-failover:by-hand-" in runbook.said[-1], runbook.said
        asked(scene)
        scene.stage.databases.hang(promotions=False)
        assert 0 == runbook.follow("Without the command", 1, your="somebody"), runbook.said
        assert "the step promoted ended with" in runbook.said[-1], runbook.said

    went_on_late(played(regions, "dark", "fail-over.md", follow))


def test_R5_approve_what_waits(regions: Deployed) -> None:
    """The same, begun by the alarm and answered by `understudy`, which watches it to its end."""

    def follow(runbook: Runbook, scene: Scene) -> None:
        scene.stage.databases.hang(promotions=True)
        lose(scene, 0.0)
        asked(scene)
        scene.stage.databases.hang(promotions=False)
        assert 0 == runbook.follow("It waits for an answer", only="approve", types=NAME), runbook.said
        assert "It waits for a person: " in runbook.said[-1], runbook.said
        assert "active us-east-1, instead of us-west-2" in runbook.said[-1], runbook.said

    went_on_late(played(regions, "dark", "fail-over.md", follow))


@pytest.mark.parametrize(("step", "no_return"), [("fence", False), ("promoted", True)])
def test_R5_go_on_with_one_that_died(regions: Deployed, step: Step, no_return: bool) -> None:
    """Before and after the point of no return, which the item of the table tells; unless the clock was quicker."""

    def follow(runbook: Runbook, scene: Scene) -> None:
        lose(scene, step)
        assert scene.stop_executions()
        scene.strike("the execution is killed")
        scene.release()
        assert 0 == runbook.follow("An execution died", 0), runbook.said
        *_, no_return_at = json.loads(re.findall(r"\[[^\[\]]*\]", runbook.said[-1])[-1])
        assert no_return is (no_return_at is not None), runbook.said
        begun = runbook.follow("An execution died", 1, types=NAME)
        quicker = ("is at work since", "is active already")
        assert 0 == begun or any(words in runbook.said[-1] for words in quicker), runbook.said

    outcome = played(regions, "killed", "fail-over.md", follow, at=step)
    assert () == outcome.wrongs, outcome


def test_R5_change_over_as_planned(regions: Deployed) -> None:
    """The way back, and any other change of regions: not one acknowledged write is missing."""

    def follow(runbook: Runbook, scene: Scene) -> None:
        scene.strike("a person begins a switchover")
        assert 0 == runbook.follow("Change over", types=NAME, why="rehearsed"), runbook.said
        assert "0.0 s of writes at the most" in runbook.said[-1], runbook.said

    outcome = played(regions, "switchover", "fail-back.md", follow)
    assert () == outcome.wrongs, outcome
    assert 0 == outcome.lost
