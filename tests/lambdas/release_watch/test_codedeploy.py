"""Each ending of a CodeDeploy release is recognised, told once, and told right."""

from __future__ import annotations

import re

from watching.stage import DEPLOYMENT, NEW, OLD, PREFIX, ROLLBACK, Stage

from shared import aws
from shared.ledger import BREAK_GLASS


def test_a_good_release(stage: Stage) -> None:
    """One short message: what is live."""
    stage.build()
    answer = stage.follow([stage.start, stage.shift, stage.succeed])
    assert "SUCCEEDED" == answer["status"]
    [(subject, body)] = stage.messages
    assert f"{PREFIX} web: released" == subject
    assert f"web of {PREFIX}: {NEW} is live." == body.split("\n")[0]
    assert f"Live now: {NEW} (2 of 2 tasks run, 2 healthy behind the load balancer)." in body
    assert "What to do" not in body


def test_a_failed_hook(stage: Stage) -> None:
    """The hook's reason leads; no user was reached, so nobody waits for numbers."""
    stage.build()

    def fail() -> None:
        stage.hook("test_traffic", "FAILED", "GET /health answered 500")
        stage.hook("before_install", "SUCCEEDED", "all there")
        stage.fail()

    stage.follow([stage.start, fail, stage.begin_rollback, stage.end_rollback])
    [(subject, body)] = stage.messages
    assert "shop-prod web: release taken back: the hook test_traffic failed: GET /health answered 500" == subject
    assert "- the hook test_traffic failed: GET /health answered 500" in body
    assert "all there" not in body
    assert "No user's request reached the new version." in body
    assert f"Live now: {OLD} (2 of 2 tasks run, 2 healthy" in body
    assert 'understudy rollback web --env prod --app shop --because "..."' in body
    assert "Runbook: docs/runbooks/roll-back-a-release.md" in body


def test_an_alarm_in_the_shift(stage: Stage) -> None:
    """Names the alarm, though it is green again, and counts what users met once the numbers have come."""
    stage.build(alarms=["web-errors", "web-slow"])

    def fail() -> None:
        stage.alarm("web-errors", "ALARM")
        stage.alarm("web-slow", "OK")
        stage.requests(stage.green, 1200, 37)
        stage.requests(stage.blue, 9000, 0)
        stage.pass_time(60)
        stage.fail("ALARM_ACTIVE", "One or more alarms have been activated")

    def end() -> None:
        stage.alarm("web-errors", "OK")
        stage.end_rollback()

    stage.follow([stage.start, stage.shift, fail, stage.begin_rollback, end])
    [(subject, body)] = stage.messages
    assert "shop-prod web: release taken back: the alarm web-errors was red" == subject
    assert "web-slow" not in body
    assert "- CodeDeploy says ALARM_ACTIVE: One or more alarms have been activated" in body
    assert "The new version answered 1,200 requests between" in body
    assert "of which 37 failed" in body
    ended = stage.apis.deployments[ROLLBACK]["completeTime"].timestamp()
    assert stage.now >= ended + 60


def test_tasks_that_do_not_become_healthy(stage: Stage) -> None:
    """Stopped over the limit, once, with CodeDeploy's rollback."""
    stage.build()

    def wait() -> None:
        stage.pass_time(101)

    stage.follow([stage.start, wait, stage.stop_when_asked, stage.begin_rollback, stage.end_rollback])
    [(_, body)] = stage.messages
    assert re.search(
        r"- it was stopped by this watch: new tasks were not healthy \d+ s after they were asked for, which is over the limit of 100 s",
        body,
    )


def test_a_release_that_takes_too_long(stage: Stage) -> None:
    """Whatever it waits for."""
    stage.build()

    def wait() -> None:
        stage.shift()
        stage.pass_time(401)

    stage.follow([stage.start, wait, stage.stop_when_asked, stage.begin_rollback, stage.end_rollback])
    [(_, body)] = stage.messages
    assert "over the limit of 400 s" in body


def test_a_person_stops_it(stage: Stage) -> None:
    """CodeDeploy's word for it is passed on."""
    stage.build()

    def stop() -> None:
        stage.fail("MANUAL_STOP", "The deployment was stopped by a user", "Stopped")

    stage.follow([stage.start, stop, stage.begin_rollback, stage.end_rollback])
    assert "- CodeDeploy says MANUAL_STOP: The deployment was stopped by a user" in stage.messages[0][1]
    assert [] == stage.apis.stops


def test_a_rollback_that_fails(stage: Stage) -> None:
    """Somebody has to look now, and is told where."""
    stage.build()

    def end() -> None:
        stage.end_rollback("Failed")

    stage.follow([stage.start, stage.fail, stage.begin_rollback, end])
    [(subject, body)] = stage.messages
    assert "shop-prod web: RELEASE FAILED, AND IT IS UNCLEAR WHAT IS LIVE" == subject
    assert "SOMEBODY HAS TO LOOK NOW" in body
    assert 'follow "It is unclear what is live" in the runbook now' in body
    assert "(0 of 2 tasks run" in body


def test_a_failure_without_a_rollback(stage: Stage) -> None:
    """What serves is asked of ECS, not concluded: here the old version does."""
    stage.build()
    stage.follow([stage.start, stage.fail])
    assert "release taken back" in stage.messages[0][0]


def test_cloudformation_s_second_deployment(stage: Stage) -> None:
    """It releases what was live: no new release, and the message says so."""
    stage.build()
    stage.follow([lambda: stage.start(task_definition=stage.old), stage.shift, stage.succeed])
    [(subject, body)] = stage.messages
    assert "shop-prod web: the old version was deployed again, and is live" == subject
    assert "this was no new release" in body


def test_codedeploy_s_own_rollback_is_not_told_twice(stage: Stage) -> None:
    """Its watch ends at once: the failed deployment's watch tells of both."""
    stage.build()
    stage.start()
    stage.apis.deployments[DEPLOYMENT]["creator"] = "codeDeployRollback"
    answer = stage.look()
    assert "SUCCEEDED" == answer["status"]
    assert [] == stage.messages


def test_another_application_s_deployment_is_left_alone(stage: Stage) -> None:
    """EventBridge's rule should not have sent it."""
    stage.build()
    stage.start()
    stage.apis.deployments[DEPLOYMENT]["applicationName"] = "else"
    assert "SUCCEEDED" == stage.look()["status"]
    assert [] == stage.messages


def test_a_broken_glass_is_told(stage: Stage) -> None:
    """Who, why, and past what; or that nobody needed it."""
    stage.build(break_glass={"by": "ada", "because": "the fix"})

    def gate() -> None:
        stage.shift()
        passed = "the alarm web-errors is red"
        stage.ledger.put_once(DEPLOYMENT, BREAK_GLASS, {"by": "ada", "because": "the fix", "passed": passed})

    stage.follow([stage.start, gate, stage.succeed])
    assert "Break-glass by ada, because the fix. Passed: the alarm web-errors is red." in stage.messages[0][1]


def test_a_glass_that_stayed_whole_is_told(stage: Stage) -> None:
    """Prepared, and not needed."""
    stage.build(break_glass={"by": "ada", "because": "the fix"})
    stage.follow([stage.start, stage.shift, stage.succeed])
    assert "Break-glass by ada, because the fix. It was not needed." in stage.messages[0][1]


def test_the_plan_of_the_beginning_counts(stage: Stage) -> None:
    """CloudFormation's rollback puts the old plan back, or removes it, while the watch still follows."""
    stage.build()

    def fail() -> None:
        aws.client("ssm").delete_parameter(Name=f"/{PREFIX}/release/web")
        stage.fail()

    stage.follow([stage.start, fail, stage.begin_rollback, stage.end_rollback])
    assert 1 == len(stage.messages)


def test_a_plan_that_cannot_be_read_is_waited_for(stage: Stage) -> None:
    """The watch does not end because of it."""
    stage.build()
    stage.start()
    aws.client("ssm").delete_parameter(Name=f"/{PREFIX}/release/web")
    answer = stage.look()
    assert "IN_PROGRESS" == answer["status"]
    assert "cannot be read" in answer["reason"]
