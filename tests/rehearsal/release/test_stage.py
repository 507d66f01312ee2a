"""The stage with its real load balancer, tasks and database; the engines' part is played by the test."""

from __future__ import annotations

import http.client
import os
import ssl
import time
import urllib.error

import pytest

from rehearsal.release.versions import OLD, new
from tests.rehearsal.release.engine_by_hand import BLUE, GREEN, HOST, Hand, answers, rule, table, until


def standing(hand: Hand) -> None:
    """Have the old version answer everything."""
    hand.weights(100, 0)
    hand.run("old", OLD, BLUE)
    hand.healthy("old")


def ask(hand: Hand, path: str, *, port: int = 443, host: str = HOST) -> tuple[int, str]:
    """Status and version of one answer."""
    context = ssl.create_default_context(cafile=str(hand.stage.authority.file))
    # The stage's address, under the certificate's name.
    context.check_hostname = False
    connection = http.client.HTTPSConnection("127.0.0.1", hand.stage.port(port), context=context, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("x-version") or ""


def test_a_version_takes_over_without_a_failed_request(hand: Hand) -> None:
    """Weights change under load, the old tasks leave with long requests under way: every request is answered."""
    standing(hand)
    users = hand.load()
    hand.migrate("migration", new("good"))
    hand.run("new", new("good"), GREEN)
    hand.healthy("new")
    for green in (10, 50, 100):
        hand.weights(100 - green, green)
        time.sleep(1)
    hand.leave("old")
    until(lambda: hand.states("old") == ["STOPPED", "STOPPED"])
    records, found = answers(users)
    assert {("old", 200), ("new-good", 200)} == set(found)
    assert [] == [record for record in records if record.failed]
    assert {"new-good": 2} == hand.stage.live_versions()


def test_weights_are_kept_request_by_request(hand: Hand) -> None:
    """Of requests on connections that were there before, a tenth goes to the new version; no configuration is reloaded."""
    standing(hand)
    hand.run("new", OLD, GREEN)
    hand.healthy("new")
    restarts = hand.stage.balancer.restarts
    users = hand.load(rate=300, slow_share=0)
    hand.weights(90, 10)
    time.sleep(5)
    answers(users)
    blue, green = (hand.stage.accounting.total(group).requests for group in (BLUE, GREEN))
    assert 0.07 < green / (blue + green) < 0.13
    assert restarts == hand.stage.balancer.restarts


def test_rules_go_by_host_path_and_priority(hand: Hand) -> None:
    """The most specific rule has the lowest priority; another host, or no rule, is answered 404 by the load balancer."""
    production = rule("all", "20", "/*", blue=100), rule("api", "10", "/api/*", green=100)
    hand.call("PUT", "/routes", table(*production, test_rules=(rule("test", "10", "/*", green=1),)))
    hand.run("old", OLD, BLUE, count=1)
    hand.run("new", new("slow"), GREEN, count=1)
    hand.healthy("old")
    hand.healthy("new")
    assert (200, "old") == ask(hand, "/")
    assert (200, "new-slow") == ask(hand, "/api/orders")
    assert (200, "new-slow") == ask(hand, "/health", port=8443)
    assert (404, "") == ask(hand, "/", host="other.example.com")


def test_a_version_that_cannot_start_is_tried_again(hand: Hand) -> None:
    """Each of its tasks ends with its exit code and is replaced, until nobody wants it any more."""
    standing(hand)
    hand.run("new", new("crash"), GREEN)
    until(lambda: hand.states("new").count("STOPPED") >= 4)
    hand.leave("new")
    until(lambda: set(hand.states("new")) == {"STOPPED"})
    codes = [task["exit_code"] for task in hand.call("GET", "/task-sets/new")["tasks"]]
    assert [1, 1, 1, 1] == codes[:4]


def test_an_unhealthy_group_is_asked_all_the_same(hand: Hand) -> None:
    """When no target of a group is healthy any more, all of them get requests, as with an ALB; with one, it alone does."""
    standing(hand)
    hand.migrate("migration", new("unhealthy-later"))
    hand.run("new", new("unhealthy-later"), GREEN)
    hand.healthy("new")
    users = hand.load(rate=200, slow_share=0)
    hand.weights(0, 100)
    until(lambda: hand.states("new") == ["unhealthy", "unhealthy"])
    time.sleep(0.5)
    before = hand.stage.accounting.total(GREEN).requests
    time.sleep(1)
    records, _ = answers(users)
    assert before < hand.stage.accounting.total(GREEN).requests
    assert [] == [record for record in records if record.failed]


def test_a_migration_is_whole_or_not_at_all(hand: Hand) -> None:
    """One that breaks off half-way leaves the old schema; a good one, run twice, the new schema."""
    migrated = ["1", "2", "column"]
    orders = ((OLD, 0, ["1"]), (new("bad-migration"), 1, ["1"]), (new("good"), 0, migrated), (new("good"), 0, migrated))
    for number, (version, code, schema) in enumerate(orders):
        assert code == hand.migrate(f"m{number}", version)
        assert schema == hand.stage.schema_versions()


def test_scaling_in_lets_the_newest_leave(hand: Hand) -> None:
    """The same task set with a lower count drains what is too much; with a higher one it starts what is missing."""
    standing(hand)
    hand.run("old", OLD, BLUE, count=1)
    until(lambda: hand.states("old") == ["healthy", "STOPPED"])
    hand.run("old", OLD, BLUE, count=2)
    until(lambda: hand.states("old") == ["healthy", "STOPPED", "healthy"])


def test_what_cannot_be_done_is_refused(hand: Hand) -> None:
    """Unknown names, tables with parts missing, images that nobody built."""
    image = {"id": "x", "image_digest": "sha256:0", "count": 1, "target_groups": []}
    for method, path, body, status in (
        ("GET", "/task-sets/nobody", None, 404),
        ("PUT", "/routes", {"listeners": []}, 400),
        ("POST", "/task-sets", image, 400),
        ("GET", "/elsewhere", None, 404),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            hand.call(method, path, body)
        assert status == refused.value.code, path


def test_nothing_is_left_of_it(hand: Hand) -> None:
    """Once it is stopped none of its processes runs, and its folder is gone."""
    standing(hand)
    processes, folder = hand.stage.processes(), hand.stage.folder
    hand.stage.stop()
    assert 5 <= len(processes)
    until(lambda: not [process for process in processes if _runs(process)])
    assert not folder.exists()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
