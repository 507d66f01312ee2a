"""Each ending of a release by ECS itself is recognised, told once, and told right."""

from __future__ import annotations

import pytest
from watching.stage import NEW, OLD, SERVICE_DEPLOYMENT, Stage

ALARMS = {"status": "TRIGGERED", "triggeredAlarmNames": ["web-errors"]}


@pytest.fixture
def ecs(stage: Stage) -> Stage:
    """A service under ECS's own engine."""
    stage.engine = "ecs"
    return stage


def test_a_good_release(ecs: Stage) -> None:
    """Found by its service, since the event's id has no look-up."""
    ecs.build()
    ecs.follow([ecs.start_ecs, lambda: ecs.end_ecs("SUCCESSFUL")])
    [(subject, body)] = ecs.messages
    assert "shop-prod web: released" == subject
    assert f"{NEW} is live." in body
    assert SERVICE_DEPLOYMENT in body


def test_the_watch_stays_with_its_deployment(ecs: Stage) -> None:
    """Even if the next one begins before it has told of this one."""
    ecs.build()

    def overtake() -> None:
        ecs.end_ecs("SUCCESSFUL")
        later = {**ecs.apis.service_deployments[SERVICE_DEPLOYMENT], "status": "IN_PROGRESS"}
        ecs.apis.service_deployments[f"{SERVICE_DEPLOYMENT}2"] = later

    ecs.follow([ecs.start_ecs, overtake])
    assert 1 == len(ecs.messages)


def test_an_alarm_in_the_shift(ecs: Stage) -> None:
    """Users came when the gate before them was passed: counted from there."""
    ecs.build()

    def shift() -> None:
        ecs.hook("before_traffic", "SUCCEEDED", "open", SERVICE_DEPLOYMENT)
        ecs.requests(ecs.green, 500, 20)
        ecs.pass_time(60)

    def back() -> None:
        ecs.end_ecs("ROLLBACK_SUCCESSFUL", alarms=ALARMS, rollback={"reason": "an alarm"}, statusReason="an alarm")

    ecs.follow([ecs.start_ecs, shift, back])
    [(subject, body)] = ecs.messages
    assert subject.startswith("shop-prod web: release taken back")
    assert "- the alarm web-errors was red" in body
    assert 1 == body.count("ECS says: an alarm")
    assert "The new version answered 500 requests" in body
    assert "20 failed" in body
    assert f"Live now: {OLD}" in body


def test_a_failed_hook(ecs: Stage) -> None:
    """Before users came."""
    ecs.build()

    def back() -> None:
        ecs.hook("test_traffic", "FAILED", "GET /health answered 500", SERVICE_DEPLOYMENT)
        ecs.end_ecs("ROLLBACK_SUCCESSFUL", statusReason="A lifecycle hook failed")

    ecs.follow([ecs.start_ecs, back])
    [(subject, body)] = ecs.messages
    assert "shop-prod web: release taken back: the hook test_traffic failed: GET /health answered 500" == subject
    assert "No user's request reached the new version." in body


def test_a_rolling_release_that_does_not_start(ecs: Stage) -> None:
    """The circuit breaker; old and new stand in one target group, which the message does not hide."""
    ecs.strategy = "rolling"
    ecs.build()

    def back() -> None:
        ecs.requests(ecs.blue, 800, 3)
        ecs.pass_time(60)
        ecs.end_ecs("ROLLBACK_SUCCESSFUL", deploymentCircuitBreaker={"status": "TRIGGERED"})

    ecs.follow([ecs.start_ecs, back])
    body = ecs.messages[0][1]
    assert "- ECS gave up starting tasks of the new version" in body
    assert "Old and new version together answered 800 requests" in body


@pytest.mark.parametrize("status", ["ROLLBACK_FAILED", "STOPPED"])
def test_a_rollback_that_fails(ecs: Stage, status: str) -> None:
    """Somebody has to look now."""
    ecs.build()
    ecs.follow([ecs.start_ecs, lambda: ecs.end_ecs(status)])
    assert "shop-prod web: RELEASE FAILED, AND IT IS UNCLEAR WHAT IS LIVE" == ecs.messages[0][0]


def test_cloudformation_s_second_deployment(ecs: Stage) -> None:
    """It releases what was live."""
    ecs.build()

    def end() -> None:
        ecs.end_ecs("SUCCESSFUL")
        ecs._ecs_runs(ecs.old, 2)

    ecs.follow([lambda: ecs.start_ecs(task_definition=ecs.old), end])
    assert "shop-prod web: the old version was deployed again, and is live" == ecs.messages[0][0]


def test_another_environment_s_service_is_left_alone(ecs: Stage) -> None:
    """By the family of its tasks."""
    ecs.build()
    ecs.start_ecs()
    for revision in ecs.apis.revisions.values():
        revision["taskDefinition"] = revision["taskDefinition"].replace("shop-prod-web", "other-web")
    assert "SUCCEEDED" == ecs.look()["status"]
    assert [] == ecs.messages
