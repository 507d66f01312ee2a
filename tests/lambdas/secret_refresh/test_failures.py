"""A refresh that cannot go on changes nothing, says so once, and is tried again at the right time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from killing import watched
from refreshing.town import Spec, Town, town

from shared import clock

ENGINES = ["ecs", "codedeploy"]
BOTH = "the old and the new login of these secrets both work"
RUNBOOK = "docs/runbooks/mend-a-rotation.md"
DAY = 24 * 3600


@pytest.mark.parametrize("engine", ENGINES)
def test_a_deployment_that_fails_is_told_once(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """Which service, why, that nobody is refused, and what to do. Its callers wait; its secrets keep both logins."""
    with town(monkeypatch, {"web": Spec("ecs", after=("api",)), "api": Spec(engine)}) as place:
        place.engines.endings["api"] = ["badly"]
        place.rotate("database")
        answers = place.follow("rotated-1", "rotated-2")
        assert {"FAILED"} == {answer["status"] for answer in answers.values()}
        assert (["api"], []) == (place.engines.refreshed(), place.retired)
        [(subject, body)] = place.messages
        assert subject.startswith("shop-prod: api still runs with old secrets: the deployment ")
        assert "tasks failed to start" in body
        assert BOTH in body
        assert RUNBOOK in body
        assert "started before database changed" in body


def test_the_clock_is_quiet_about_what_was_told_and_tries_again_in_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing rings each hour, no service is deployed each hour, and what was a passing fault mends itself."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.engines.endings["web"] = ["badly", "badly"]
        place.rotate("database")
        place.follow()
        for hour in range(23):
            place.pass_time(3600)
            assert "SUCCEEDED" == place.follow(f"hourly-{hour}", scheduled=True)[f"hourly-{hour}"]["status"]
        assert (1, ["web"]) == (len(place.messages), place.engines.refreshed())
        place.pass_time(3600)
        assert "FAILED" == place.follow("next-day", scheduled=True)["next-day"]["status"]
        assert (2, ["web"] * 2) == (len(place.messages), place.engines.refreshed())
        place.pass_time(DAY)
        assert "SUCCEEDED" == place.follow("third-day", scheduled=True)["third-day"]["status"]
        assert (2, ["web"] * 3, ["database"]) == (len(place.messages), place.engines.refreshed(), place.retired)


def test_a_person_tries_again_at_once_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An execution that neither the clock nor a rotation started."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.engines.endings["web"] = ["badly", "badly"]
        place.rotate("database")
        place.follow()
        assert "FAILED" == place.follow("mended")["mended"]["status"]
        assert (["web"] * 2, 2) == (place.engines.refreshed(), len(place.messages))
        assert "SUCCEEDED" == place.follow("mended-better")["mended-better"]["status"]
        assert ["database"] == place.retired


def test_the_next_rotation_of_another_secret_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to deploy the service anyway."""
    with town(monkeypatch, {"web": Spec("ecs", ("database", "cache"))}) as place:
        place.engines.endings["web"] = ["badly"]
        place.rotate("database")
        place.follow()
        place.rotate("cache")
        assert "SUCCEEDED" == place.follow("rotated-2")["rotated-2"]["status"]
        assert {"database", "cache"} == set(place.retired)


def test_a_freeze_postpones_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told once; no failure. Whoever answers for a release past it answers for the refresh."""
    with town(monkeypatch, {"web": Spec()}) as place:
        end = (clock.now() + timedelta(hours=5)).isoformat()
        freeze = {"start": "2026-01-01T00:00:00+00:00", "end": end, "because": "Christmas"}
        place.write_plan("web", freezes=[freeze])
        place.rotate("database")
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        for hour in range(3):
            place.pass_time(3600)
            place.follow(f"hourly-{hour}", scheduled=True)
        assert ([], []) == (place.engines.refreshed(), place.retired)
        [(subject, body)] = place.messages
        assert f"shop-prod: refresh of web postponed: frozen until {end}: Christmas"[:100] == subject
        assert BOTH in body
        place.pass_time(3 * 3600)
        place.follow("hourly-9", scheduled=True)
        assert (["web"], ["database"], 1) == (place.engines.refreshed(), place.retired, len(place.messages))


def test_somebody_may_answer_for_a_refresh_in_a_freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a release: by the plan's break-glass."""
    with town(monkeypatch, {"web": Spec()}) as place:
        freeze = {"start": "2026-01-01T00:00:00+00:00", "end": "2099-01-01T00:00:00+00:00", "because": "ever"}
        place.write_plan("web", freezes=[freeze], break_glass={"by": "Ada", "because": "the password leaked"})
        place.rotate("database")
        place.follow()
        assert ["web"] == place.engines.refreshed()


def test_a_red_alarm_postpones(monkeypatch: pytest.MonkeyPatch) -> None:
    """CodeDeploy would end the deployment as it begins."""
    with town(monkeypatch, {"web": Spec("codedeploy")}) as place:
        place.alarm("web-errors", "ALARM")
        place.write_plan("web", alarms=["web-errors"])
        place.rotate("database")
        place.follow()
        place.follow("hourly", scheduled=True)
        [(subject, _)] = place.messages
        assert "shop-prod: refresh of web postponed: the alarm web-errors is red" == subject
        place.alarm("web-errors", "OK")
        place.follow("hourly-2", scheduled=True)
        assert ["web"] == place.engines.refreshed()


@pytest.mark.parametrize(("engine", "code"), [("ecs", "AccessDeniedException"), ("codedeploy", "InvalidRoleException")])
def test_a_refusal_of_the_engine_is_told_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, engine: str, code: str
) -> None:
    """AWS's own words."""
    with town(monkeypatch, {"web": Spec(engine)}) as place:
        place.engines.refused["web"] = code
        place.rotate("database")
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        assert "SUCCEEDED" == place.follow("hourly", scheduled=True)["hourly"]["status"]
        [(subject, body)] = place.messages
        assert f"{code}: not like this" in body
        assert "web still runs with old secrets" in subject
        place.engines.refused.clear()
        assert "SUCCEEDED" == place.follow("mended")["mended"]["status"]
        assert ["database"] == place.retired


def test_too_many_calls_are_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim is taken over once its holder must be dead."""
    with town(monkeypatch, {"web": Spec("codedeploy")}) as place:
        place.engines.refused["web"] = "ThrottlingException"
        place.rotate("database")
        place.pass_time(301)
        answer = place.look()
        assert "IN_PROGRESS" == answer["status"]
        assert answer["reason"].startswith("this look failed")
        place.engines.refused.clear()
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        assert (["web"], []) == (place.engines.refreshed(), place.messages)


def test_a_refresh_never_releases_what_does_not_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a release that was neither finished nor taken back, the service names another version than its tasks run."""
    with town(monkeypatch, {"web": Spec(), "api": Spec("codedeploy"), "new": Spec("codedeploy")}) as place:
        place.service("web").task_definition = place.register("web")
        place.service("api").task_sets[0]["taskDefinition"] = place.register("api")
        place.service("new").task_sets[0]["externalId"] = None
        place.rotate("database")
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        assert [] == place.engines.refreshed()
        bodies = "\n".join(body for _, body in place.messages)
        assert "but its service names" in bodies
        assert "says nothing" in bodies
        assert "no deployment brought what new runs" in bodies


def test_tasks_that_a_good_deployment_left_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """They get some minutes to leave."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        place.engines.replace_tasks = lambda _: None
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        assert ["web"] == place.engines.refreshed()
        [(_, body)] = place.messages
        assert "ended well, and still tasks of before run" in body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"errorType": "Told", "errorMessage": "the server is down"}, "the server is down"),
        ({"errorType": "KeyError", "errorMessage": "s3cret"}, "ended with KeyError, and its log has the rest"),
        ({"status": "WHAT"}, "it gave no reason"),
    ],
    ids=["told", "unforeseen", "no answer"],
)
def test_an_old_login_that_stays_valid_is_told_once_a_day(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, str], said: str
) -> None:
    """With the rotation function's words only where they are meant for people. Each hour tries again."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        place.retire_answers["database"] = [answer] * 40
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        _hours(place, 23)
        [(subject, body)] = place.messages
        assert subject.startswith("shop-prod: the old login of database is still valid")
        assert said in body
        assert "s3cret" not in body
        _hours(place, 2)
        assert 2 == len(place.messages)
        place.retire_answers.clear()
        place.pass_time(3600)
        assert "SUCCEEDED" == place.follow("hourly-99", scheduled=True)["hourly-99"]["status"]
        assert (["database"], ["web"]) == (place.retired, place.engines.refreshed())


def _hours(place: Town, count: int) -> None:
    for _ in range(count):
        place.pass_time(3600)
        place.look(f"hourly-{clock.epoch()}", scheduled=True)


def test_a_rotation_function_without_time_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call at a time is all that it takes."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        place.retire_answers["database"] = [{"refused": "TooManyRequestsException"}] * 3
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        assert (["database"], []) == (place.retired, place.messages)


def test_a_rotation_function_that_failed_is_left_alone_while_others_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment is looked at four times a minute."""
    with town(monkeypatch, {"web": Spec(), "mail": Spec("ecs", ("queue",))}) as place:
        place.engines.takes = 1500
        place.rotate("database", "queue")
        place.replace_tasks("mail")
        place.pass_time(1)
        place.rotate("database")
        told = {"errorType": "Told", "errorMessage": "the server is down"}
        place.retire_answers["queue"] = [told] * 1000
        place.pass_time(-1)
        for task in place.tasks("mail"):
            task.created_at += timedelta(seconds=2)
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        assert 1000 - len(place.retire_answers["queue"]) <= 4
        assert 1 == len(place.messages)


def test_a_plan_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody knows what stands against a deployment."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.write_plan("web", freezes="never")
        place.rotate("database")
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        [(_, body)] = place.messages
        assert "/shop-prod/release/web is not one" in body


def test_a_look_that_breaks_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun goes on meanwhile."""
    with town(monkeypatch, {"web": Spec()}) as place, monkeypatch.context() as broken, watched():
        broken.setattr("secret_refresh.world.current_since", lambda _: 1 / 0)
        answer = place.look()
        assert ("IN_PROGRESS", "this look failed: ZeroDivisionError") == (answer["status"], answer["reason"])
