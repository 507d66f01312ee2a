"""Services come to the newest values of their secrets, each once, and then old logins become invalid."""

from __future__ import annotations

import pytest
from refreshing.town import Spec, town

ENGINES = ["ecs", "codedeploy"]
SHOP = {
    "web": Spec("codedeploy", ("cache",), after=("api",)),
    "api": Spec("ecs", ("database", "cache"), after=("stock",)),
    "stock": Spec("codedeploy", ("database",)),
    "mail": Spec("ecs", ("queue",)),
}
"""web calls api, api calls stock; mail stands alone."""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rotation_reaches_the_tasks_and_then_the_old_login_dies(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """By the service's own engine; nothing is told, since nothing went wrong."""
    with town(monkeypatch, {"web": Spec(engine)}) as place:
        place.rotate("database")
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        assert ["web"] == place.engines.refreshed()
        assert ["database"] == place.retired
        assert [] == place.messages


def test_callees_move_before_callers_and_others_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins when the one before it has moved, not before and not much later."""
    with town(monkeypatch, SHOP) as place:
        place.rotate("database", "cache", "queue")
        place.follow()
        began = {one.service: one.began for one in place.engines.deployments if one.by_refresh}
        assert {"stock", "mail", "api", "web"} == set(began)
        assert began["stock"] + place.engines.takes <= began["api"] < began["stock"] + place.engines.takes + 30
        assert began["api"] + place.engines.takes <= began["web"] < began["api"] + place.engines.takes + 30
        assert abs(began["mail"] - began["stock"]) < 1
        assert {"database", "cache", "queue"} == set(place.retired)
        assert 3 == len(place.retired)


def test_one_that_has_nothing_to_do_is_no_gap_in_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service web waits for stock though api, between them, has no such secret."""
    shop = {**SHOP, "web": Spec("ecs", ("database",), after=("api",)), "api": Spec("ecs", ("cache",), after=("stock",))}
    with town(monkeypatch, shop) as place:
        place.rotate("database")
        place.follow()
        assert ["stock", "web"] == place.engines.refreshed()


def test_a_burst_is_one_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rotations within minutes start three executions: each service is deployed once, after the last of them."""
    with town(monkeypatch, SHOP) as place:
        for secret in ("database", "cache", "queue"):
            place.rotate(secret)
            assert "IN_PROGRESS" == place.look(f"rotated-{secret}")["status"]
            place.pass_time(120)
        answers = place.follow("rotated-database", "rotated-cache", "rotated-queue", "by-hand")
        assert {"SUCCEEDED"} == {answer["status"] for answer in answers.values()}
        assert sorted(SHOP) == sorted(place.engines.refreshed())
        assert {"database", "cache", "queue"} == set(place.retired)


def test_rotations_without_end_do_not_hold_a_refresh_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After half an hour it begins, whatever follows."""
    with town(monkeypatch, {"web": Spec("ecs", ("database", "cache"))}) as place:
        place.rotate("database")
        for _ in range(8):
            place.pass_time(240)
            place.rotate("cache")
            place.look()
        assert ["web"] == place.engines.refreshed()


def test_a_rotation_that_the_new_tasks_missed_is_a_second_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """They start while a deployment is under way, and read what is current then."""
    with town(monkeypatch, {"web": Spec("ecs", ("database", "cache"))}) as place:
        place.rotate("database")
        place.pass_time(301)
        place.look()
        place.pass_time(119)
        # The deployment's tasks start a second later.
        place.rotate("cache")
        place.follow()
        assert ["web"] == place.engines.refreshed()
        place.retired.clear()
        place.rotate("cache")
        place.follow()
        assert (["web"] * 2, ["cache"]) == (place.engines.refreshed(), place.retired)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_deployment_that_is_under_way_is_waited_for(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """A release: its new tasks read the new values, so nothing is left to do when it ends."""
    with town(monkeypatch, {"web": Spec(engine)}) as place:
        place.engines.takes = 900
        place.rotate("database")
        place.pass_time(10)
        place.engines.begin("web")
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        assert [] == place.engines.refreshed()
        assert ["database"] == place.retired


@pytest.mark.parametrize("engine", ENGINES)
def test_a_release_that_fails_is_followed_by_the_refresh(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """The tasks of before came back, or never left."""
    with town(monkeypatch, {"web": Spec(engine)}) as place:
        place.rotate("database")
        place.engines.endings["web"] = ["badly"]
        place.engines.begin("web")
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        assert ["web"] == place.engines.refreshed()
        assert [] == place.messages


def test_services_without_tasks_have_nothing_to_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a stand-in region."""
    with town(monkeypatch, {"web": Spec(tasks=0), "api": Spec("codedeploy", tasks=0)}) as place:
        place.rotate("database")
        assert "SUCCEEDED" == place.look()["status"]
        assert [] == place.engines.refreshed()
        assert ["database"] == place.retired


def test_the_clock_looks_cheaply_where_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for the secrets and for what the ledger says of them, and for no task."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        place.follow()
        place.follow("hourly", scheduled=True)
        assert ["ssm.GetParameter", "secretsmanager.DescribeSecret", "dynamodb.GetItem"] == place.calls
        assert ["database"] == place.retired


def test_the_clock_finds_what_no_rotation_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that was lost costs an hour."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        assert "SUCCEEDED" == place.follow("hourly", scheduled=True)["hourly"]["status"]
        assert (["web"], ["database"]) == (place.engines.refreshed(), place.retired)


def test_tasks_that_leave_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may still log in; no deployment is for them."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        for task in place.tasks("web"):
            task.desired_status, task.last_status = "STOPPED", "DEACTIVATING"
        assert "IN_PROGRESS" == place.look()["status"]
        assert [] == place.retired
        for task in place.tasks("web"):
            task.last_status = "STOPPED"
        assert "SUCCEEDED" == place.look()["status"]
        assert ([], ["database"]) == (place.engines.refreshed(), place.retired)


def test_a_one_off_task_is_waited_for_an_hour_and_then_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration ends by itself, and its login lives as long."""
    with town(monkeypatch, {"web": Spec(tasks=0)}) as place:
        (task,) = place.run("web", 1, group="family:shop-prod-web")
        place.rotate("database")
        answer = place.follow()["rotated-1"]
        assert "SUCCEEDED" == answer["status"]
        assert "one-off tasks still run" in answer["reason"]
        assert ([], [], []) == (place.retired, place.messages, place.engines.refreshed())
        task.last_status = task.desired_status = "STOPPED"
        place.follow("hourly", scheduled=True)
        assert ["database"] == place.retired


def test_a_rotation_function_that_waits_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the hour."""
    with town(monkeypatch, {"web": Spec()}) as place:
        place.rotate("database")
        waiting = {"status": "WAITING", "because": "a rotation of database is not finished"}
        place.retire_answers["database"] = [waiting, waiting]
        assert "SUCCEEDED" == place.follow()["rotated-1"]["status"]
        assert ["database"] == place.retired


def test_secrets_that_moved_are_retired_beside_one_that_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a failed service holds stays valid; what it does not hold need not live longer for its sake."""
    with town(monkeypatch, {"web": Spec(), "mail": Spec("ecs", ("queue",))}) as place:
        place.engines.endings["web"] = ["badly"]
        place.rotate("database", "queue")
        assert "FAILED" == place.follow()["rotated-1"]["status"]
        assert ["queue"] == place.retired
