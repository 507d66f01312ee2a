"""A watch that dies at any call to AWS still ends with the right message, sent once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from watching.stage import DEPLOYMENT, SERVICE_DEPLOYMENT, Stage, Step, staged

from shared.ledger import MIGRATION

Ending = Callable[[Stage], list[Step]]

MIGRATION_PLAN: dict[str, Any] = {
    "command": ["migrate"],
    "timeout_seconds": 600,
    "way_back": "command",
    "back_command": ["back"],
    "subnets": ["subnet-1"],
    "security_groups": ["sg-1"],
}


def good(stage: Stage) -> list[Step]:
    """It goes live."""
    return [stage.start, stage.shift, stage.succeed]


def again(stage: Stage) -> list[Step]:
    """CloudFormation's second deployment."""
    # Some looks before its end: the workflow asks a killed function again within seconds.
    return [lambda: stage.start(task_definition=stage.old), lambda: None, stage.shift, stage.succeed]


def failed_hook(stage: Stage) -> list[Step]:
    """A hook says no."""

    def fail() -> None:
        stage.hook("test_traffic", "FAILED", "no")
        stage.fail()

    return [stage.start, fail, stage.begin_rollback, stage.end_rollback]


def alarm(stage: Stage) -> list[Step]:
    """In the shift, with users."""

    def fail() -> None:
        stage.alarm("web-errors", "ALARM")
        stage.requests(stage.green, 100, 9)
        stage.pass_time(60)
        stage.fail("ALARM_ACTIVE")

    return [stage.start, stage.shift, fail, stage.begin_rollback, stage.end_rollback]


def too_slow(stage: Stage) -> list[Step]:
    """Stopped by the watch."""

    def stopped() -> None:
        if stage.apis.stops:
            stage.fail("MANUAL_STOP", "stopped", "Stopped")

    return [stage.start, lambda: stage.pass_time(101), stopped, stopped, stage.begin_rollback, stage.end_rollback]


def way_back(stage: Stage) -> list[Step]:
    """The database has to go back too."""

    def migrate() -> None:
        stage.start()
        stage.ledger.put_once(
            DEPLOYMENT,
            MIGRATION,
            {"started_at": stage.now, "task_definition": stage.new, "token": "migrate-1", "exit_code": 0},
        )

    ends: list[Step] = [lambda: stage.task_ends(0)] * 4
    return [migrate, stage.fail, stage.begin_rollback, stage.end_rollback, lambda: None, *ends]


def unclear(stage: Stage) -> list[Step]:
    """CodeDeploy's rollback fails."""
    return [stage.start, stage.fail, stage.begin_rollback, lambda: stage.end_rollback("Failed")]


def ecs_good(stage: Stage) -> list[Step]:
    """It goes live."""
    return [stage.start_ecs, lambda: stage.end_ecs("SUCCESSFUL")]


def ecs_back(stage: Stage) -> list[Step]:
    """Taken back in the shift."""

    def shift() -> None:
        stage.hook("before_traffic", "SUCCEEDED", "open", SERVICE_DEPLOYMENT)
        stage.requests(stage.green, 100, 9)
        stage.pass_time(60)

    return [stage.start_ecs, shift, lambda: stage.end_ecs("ROLLBACK_SUCCESSFUL", statusReason="an alarm")]


def ecs_unclear(stage: Stage) -> list[Step]:
    """ECS's rollback fails."""
    return [stage.start_ecs, lambda: stage.end_ecs("ROLLBACK_FAILED")]


ENDINGS: dict[Ending, str] = {
    good: "released",
    again: "the old version was deployed again, and is live",
    failed_hook: "release taken back: the hook test_traffic failed: no",
    alarm: "release taken back: the alarm web-errors was red",
    too_slow: "release taken back: it was stopped by this watch: new tasks were not healthy",
    way_back: "release taken back: CodeDeploy says HOOK_EXECUTION_FAILURE: a hook failed",
    unclear: "RELEASE FAILED, AND IT IS UNCLEAR WHAT IS LIVE",
    ecs_good: "released",
    ecs_back: "release taken back: ECS says: an alarm",
    ecs_unclear: "RELEASE FAILED, AND IT IS UNCLEAR WHAT IS LIVE",
}


@contextmanager
def begun(monkeypatch: pytest.MonkeyPatch, ending: Ending) -> Iterator[Stage]:
    """A new place for each run."""
    with staged(monkeypatch) as stage:
        stage.engine = "ecs" if ending.__name__.startswith("ecs") else "codedeploy"
        plan: dict[str, Any] = {"alarms": ["web-errors"]} if ending is alarm else {}
        yield stage.build(**plan, **({"migration": MIGRATION_PLAN} if ending is way_back else {}))


def run(monkeypatch: pytest.MonkeyPatch, ending: Ending, kill_at: int | None, *, after: bool) -> list[str]:
    """Hold one run to what must come of it; the calls that were made."""
    with begun(monkeypatch, ending) as stage:
        answer = stage.follow(ending(stage), kill_at, after=after)
        assert "SUCCEEDED" == answer["status"]
        # One look more or less is possible where the watch waits for a minute's end: then nothing died.
        died_at = stage.calls[kill_at] if kill_at is not None and kill_at < len(stage.calls) else None
        died_with_the_answer = after and died_at == "sns.Publish"
        assert (2 if died_with_the_answer else 1) == len(stage.messages), stage.calls
        [(subject, body)] = set(stage.messages)
        assert subject.startswith(f"shop-prod web: {ENDINGS[ending]}")
        assert (1 if ending is way_back else 0) == len(stage.apis.run_requests)
        if ending is too_slow:
            died_stopping = after and died_at == "codedeploy.StopDeployment"
            assert (2 if died_stopping else 1) >= len(stage.apis.stops) >= 1
        if ending in (alarm, ecs_back):
            assert "answered 100 requests" in body
            assert "9 failed" in body
        return stage.calls


ALL = [pytest.param(ending, marks=pytest.mark.full, id=ending.__name__) for ending in ENDINGS]


@pytest.mark.parametrize("ending", ALL)
def test_killed_at_each_call(variables: None, monkeypatch: pytest.MonkeyPatch, ending: Ending) -> None:  # noqa: ARG001
    """After it has worked, which is before the next one. A message comes twice only if the watch dies with SNS's answer."""
    calls = run(monkeypatch, ending, None, after=False)
    run(monkeypatch, ending, 0, after=False)
    for kill_at in range(len(calls)):
        run(monkeypatch, ending, kill_at, after=True)


def test_killed_at_each_call_that_changes_something(
    variables: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ones that a second time must not repeat, in the endings that have most of them."""
    for ending in (too_slow, way_back):
        calls = run(monkeypatch, ending, None, after=False)
        changing = ("RunTask", "StopDeployment", "Publish", "PutItem", "UpdateItem")
        for kill_at, call in enumerate(calls):
            if call.endswith(changing):
                run(monkeypatch, ending, kill_at, after=True)


def test_a_message_that_another_watch_has_claimed(stage: Stage) -> None:
    """EventBridge may start two watches. A claim is respected for a minute, then its holder is taken for dead."""
    stage.build()
    for step in good(stage):
        step()
    stage.ledger.put_once(DEPLOYMENT, "watch#message", {"claimed_at": stage.now})
    assert "IN_PROGRESS" == stage.look()["status"]
    assert [] == stage.messages
    stage.pass_time(61)
    assert "SUCCEEDED" == stage.look()["status"]
    assert "SUCCEEDED" == stage.look()["status"]
    assert 1 == len(stage.messages)
