"""A deployment that only brings new values of secrets is no release, and nobody is told that one happened."""

from __future__ import annotations

import pytest
from watching.stage import DEPLOYMENT, SERVICE_DEPLOYMENT, Stage

from shared.items import Value
from shared.refreshes import STARTING_SECONDS, about


def attempt(stage: Stage, deployment: str | None) -> None:
    """The refresh has claimed it, and asked the engine."""
    known: dict[str, Value] = {"deployment": deployment} if deployment else {}
    stage.ledger.put_once(about("web"), "attempt#1.000#0000", {"claimed_at": stage.now, "by": "x", **known})


@pytest.mark.parametrize("known", [True, False], ids=["known", "its beginner died"])
@pytest.mark.parametrize("engine", ["codedeploy", "ecs"])
def test_a_refresh_that_went_well_is_no_news(stage: Stage, engine: str, *, known: bool) -> None:
    """Whether its ID was written down, or only that one was about to begin."""
    stage.engine = engine
    stage.build()
    ours = DEPLOYMENT if engine == "codedeploy" else SERVICE_DEPLOYMENT
    attempt(stage, ours if known else None)
    if engine == "codedeploy":
        answer = stage.follow([lambda: stage.start(task_definition=stage.old), stage.shift, stage.succeed])
    else:
        answer = stage.follow([lambda: stage.start_ecs(task_definition=stage.old), lambda: stage.end_ecs("SUCCESSFUL")])
    assert "SUCCEEDED" == answer["status"]
    assert [] == stage.messages


def test_a_refresh_that_was_taken_back_is_told_by_who_began_it(stage: Stage) -> None:
    """Not as a release whose version has to be kept out."""
    stage.build()
    attempt(stage, DEPLOYMENT)
    again = lambda: stage.start(task_definition=stage.old)  # noqa: E731
    answer = stage.follow([again, stage.fail, stage.begin_rollback, stage.end_rollback])
    assert "SUCCEEDED" == answer["status"]
    assert [] == stage.messages


def test_a_refresh_after_which_nobody_knows_what_serves_is_told(stage: Stage) -> None:
    """Somebody has to look; the version is not at fault."""
    stage.build()
    attempt(stage, DEPLOYMENT)
    again = lambda: stage.start(task_definition=stage.old)  # noqa: E731
    stage.follow([again, stage.fail, stage.begin_rollback, lambda: stage.end_rollback("Failed")])
    [(subject, body)] = stage.messages
    assert "IT IS UNCLEAR WHAT IS LIVE" in subject
    assert "deployed once more, for new values of its secrets" in body
    assert "understudy rollback" not in body


def test_a_release_beside_a_refresh_stays_a_release(stage: Stage) -> None:
    """What went out was new."""
    stage.build()
    attempt(stage, None)
    stage.follow([stage.start, stage.shift, stage.succeed])
    assert ["shop-prod web: released"] == [subject for subject, _ in stage.messages]


@pytest.mark.parametrize("seconds", [STARTING_SECONDS + 1, -60])
def test_another_deployment_of_what_is_live_is_told(stage: Stage, seconds: float) -> None:
    """CloudFormation's, before or long after a refresh."""
    stage.build()
    stage.ledger.put_once(about("web"), "attempt#1.000#0000", {"claimed_at": stage.now - seconds, "by": "x"})
    stage.follow([lambda: stage.start(task_definition=stage.old), stage.shift, stage.succeed])
    assert ["shop-prod web: the old version was deployed again, and is live"] == [
        subject for subject, _ in stage.messages
    ]
