"""The core: one verdict, in time, whatever happens."""

from __future__ import annotations

import time

import pytest
from release_world import Call, FunctionContext, ReleaseWorld, api, event

from deployment_hooks import codedeploy, ecs
from deployment_hooks.deadline import ANSWER_SECONDS, OutOfTime, interrupted_in_time
from deployment_hooks.run import sentence
from shared.told import Told

ENTRY = "hook#after_install#after_install-1"


def test_a_verdict_is_the_answer_to_every_delivery(world: ReleaseWorld) -> None:
    """Also when AWS would say something else by now."""
    world.install()
    first = world.deliver("after_install")
    world.health.clear()
    world.calls.clear()
    again = world.deliver("after_install")
    assert ("SUCCEEDED", first["reason"]) == (again["status"], again["reason"])
    assert {"dynamodb"} == {service for service, _ in world.calls}


def test_another_execution_of_the_same_stage_has_its_own_verdict(world: ReleaseWorld) -> None:
    """A hook that runs again on a rollback is not answered with what was true before."""
    world.install()
    assert "SUCCEEDED" == world.deliver("after_install")["status"]
    world.health.clear()
    assert "IN_PROGRESS" == world.deliver("after_install", execution="2")["status"]


def test_the_hooks_time_counts_from_its_first_delivery(world: ReleaseWorld) -> None:
    """Later deliveries do not start it again."""
    world.deliver("after_install")
    started = world.entry(ENTRY)["started_at"]
    world.advance(5)
    assert "IN_PROGRESS" == world.deliver("after_install")["status"]
    assert started == world.entry(ENTRY)["started_at"]
    world.advance(5.5)
    found = world.deliver("after_install")
    assert "FAILED" == found["status"]
    assert found["reason"].startswith("after_install timed out after 10 s: ")


def test_the_next_look_is_not_later_than_the_limit(world: ReleaseWorld) -> None:
    """With two seconds left, it is in two seconds."""
    world.deliver("after_install")
    world.advance(8)
    assert world.deliver("after_install")["wait_seconds"] <= 2


def test_a_broken_plan_fails_the_hook_once(world: ReleaseWorld) -> None:
    """And stays failed when the plan is mended."""
    name = "/shop-prod/release/web"
    kept = api("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    api("ssm").put_parameter(Name=name, Value="{}", Type="String", Overwrite=True)
    found = world.deliver("before_traffic")
    assert "FAILED" == found["status"]
    assert found["reason"].startswith("before_traffic: the plan /shop-prod/release/web is not one")
    api("ssm").put_parameter(Name=name, Value=kept, Type="String", Overwrite=True)
    assert found["reason"] == world.deliver("before_traffic")["reason"]


def test_without_the_ledger_nothing_passes(world: ReleaseWorld) -> None:
    """It is where the verdict stands; no table, no release."""
    api("dynamodb").delete_table(TableName="ledger")
    with world.as_function("before_traffic"):
        if world.engine == "codedeploy":
            step = {"function_arn": "f", "deployment_id": world.deployment_id, "hook_execution_id": "h"}
            answer = codedeploy.handler({"step": step}, FunctionContext())  # type: ignore[arg-type]
            assert "FAILED" == answer["status"]
            assert "PutItem: ResourceNotFoundException" in answer["reason"]
        else:
            sent = event("ecs_hook") | {"lifecycleStage": "PRE_PRODUCTION_TRAFFIC_SHIFT"}
            assert {"hookStatus": "FAILED"} == ecs.handler(sent, FunctionContext())  # type: ignore[arg-type]


def test_nearly_out_of_time_is_failed_with_the_reason(world: ReleaseWorld) -> None:
    """A call hangs; the verdict is stored and answered before Lambda ends the function."""

    def hang(call: Call) -> None:
        if call[1] == "GetParameter":
            time.sleep(30)

    world.before_call = hang
    begin = time.monotonic()
    found = world.deliver("before_traffic", seconds=ANSWER_SECONDS + 0.3)
    assert time.monotonic() - begin < 5
    assert ("FAILED", "before_traffic: the function's time is nearly over") == (found["status"], found["reason"])
    world.before_call = lambda _call: None
    assert "FAILED" == world.deliver("before_traffic")["status"]


def test_an_interruption_leaves_no_alarm_behind() -> None:
    """The next block is not hit by the last one's."""
    with pytest.raises(OutOfTime), interrupted_in_time(ANSWER_SECONDS + 0.05):
        time.sleep(5)
    with interrupted_in_time(60):
        pass
    time.sleep(0.1)


def test_an_unknown_exceptions_text_stays_in_the_log() -> None:
    """It may hold what it was raised about."""
    with pytest.raises(KeyError) as raised:
        {"": ""}["postgresql://user:secret@host"]
    told = sentence(raised.value)
    assert told.startswith("it broke: KeyError at test_run.py:")
    assert "secret" not in told
    assert "the sentence" == sentence(Told("the sentence"))
