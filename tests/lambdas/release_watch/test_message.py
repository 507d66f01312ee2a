"""Messages fit where they are sent, and a release without all the facts is told all the same."""

from __future__ import annotations

import pytest
from watching.stage import DEPLOYMENT, Stage

from release_watch.limits import exceeded
from release_watch.message import Report, message
from shared import aws
from shared.plan import Timeouts

TIMEOUTS = Timeouts(
    before_install=75, after_install=10, test_traffic=20, before_traffic=5, after_traffic=20, install=100, total=400
)


def test_a_subject_is_what_sns_takes() -> None:
    """A hundred characters of ASCII on one line, however long the reason is and whatever is in it."""
    report = Report(
        application="shop",
        environment="prod",
        prefix="shop-prod",
        region="us-west-2",
        service="web",
        release=DEPLOYMENT,
        outcome="taken back",
        new_image="sha256:1",
        live_image="sha256:0",
        serving="2 of 2 tasks run",
        causes=["the hook test_traffic failed: “no”\nat all " + "x" * 200],
    )
    subject = message(report).subject
    assert 100 == len(subject)
    assert subject.isascii()
    assert "\n" not in subject


def test_a_message_without_numbers(stage: Stage) -> None:
    """What cannot be found out within minutes is told as unknown: CloudWatch is not there to be asked."""
    stage.build()

    def fail() -> None:
        stage.monkeypatch.setattr("moto.cloudwatch.responses.CloudWatchResponse.get_metric_data", _refuse)
        stage.pass_time(60)
        stage.fail()

    stage.follow([stage.start, stage.shift, fail, stage.begin_rollback, stage.end_rollback])
    [(subject, body)] = stage.messages
    assert "release taken back" in subject
    assert "How many requests were affected is unknown" in body


def test_a_message_although_nobody_knows_who_serves(stage: Stage) -> None:
    """Then it is unclear, and somebody has to look."""
    stage.build()

    def end() -> None:
        stage.end_rollback()
        aws.client("ecs").delete_service(cluster="shop-prod", service="web", force=True)
        stage.service.task_sets.clear()

    stage.follow([stage.start, stage.fail, stage.begin_rollback, end])
    [(subject, body)] = stage.messages
    assert "UNCLEAR WHAT IS LIVE" in subject
    assert "Live now: nothing that can be named (nobody knows how)." in body


@pytest.mark.parametrize(
    ("event", "began", "now", "expected"),
    [
        ({"lifecycleEventName": "Install", "status": "InProgress"}, 0, 99, None),
        ({"lifecycleEventName": "Install", "status": "InProgress"}, 0, 101, "over the limit of 100 s"),
        ({"lifecycleEventName": "Install", "status": "Succeeded", "ended": 50}, 0, 200, None),
        ({"lifecycleEventName": "Install", "status": "Succeeded", "ended": 50}, 0, 401, "over the limit of 400 s"),
        ({"lifecycleEventName": "Install", "status": "Pending"}, None, 9999, None),
    ],
)
def test_limits(event: dict[str, object], began: float | None, now: float, expected: str | None) -> None:
    """Install has its own; the whole has one; a deployment that waits for another has none."""
    from datetime import UTC, datetime

    times: dict[str, object] = {"startTime": datetime.fromtimestamp(0, UTC)}
    if "ended" in event:
        times["endTime"] = datetime.fromtimestamp(50, UTC)
    found = exceeded(TIMEOUTS, began, [event | times], now)
    assert (expected is None) == (found is None)
    assert (expected or "") in (found or "")


def _refuse(*_: object) -> None:
    raise RuntimeError("not today")
