"""After the shift: new against old, by the load balancer's numbers or by requests of our own."""

from __future__ import annotations

from typing import Any

import pytest
from release_world import ReleaseWorld, release_world
from web_application import Answer, WebApplication

from shared import clock


@pytest.fixture
def shifted(world: ReleaseWorld) -> ReleaseWorld:
    """All users reach the new version, five seconds into a minute; two minutes a tenth of them did."""
    world.install()
    world.shift()
    world.advance(65 - clock.epoch() % 60)
    world.write_plan(smoke_tests=[{"name": "ready", "path": "/ready", "response_ms": 1000}])
    return world


def _minutes(*, before: int = 3) -> list[int]:
    """Starts of the minutes whose numbers have arrived, the latest last."""
    newest = int((clock.epoch() - 60) // 60) * 60
    return [newest - 60 * back for back in range(before, 0, -1)]


def _serve(world: ReleaseWorld, **new: Any) -> None:
    """Old and new side by side: ten times as many requests for the old one, two errors among them."""
    for minute in _minutes():
        world.metrics.record(world.plan["blue"], minute, requests=3000, failures=2)
        world.metrics.record(world.plan["green"], minute, **({"requests": 300} | new))


def test_an_equal_version_passes(shifted: ReleaseWorld) -> None:
    """The counts are told."""
    _serve(shifted)
    found = shifted.deliver("after_traffic")
    assert "SUCCEEDED" == found["status"]
    assert found["reason"].startswith("no worse than the old version: 0 of ")


@pytest.mark.parametrize(
    ("health", "told"),
    [
        (["unhealthy", "unhealthy"], "2 of the new version's tasks are no longer healthy"),
        (["healthy", "unhealthy"], "1 of the new version's tasks is no longer healthy"),
    ],
)
def test_a_version_that_fell_ill_is_taken_back_before_its_numbers_arrive(
    shifted: ReleaseWorld, health: list[str], told: str
) -> None:
    """The load balancer has found it unhealthy within the last two minutes, of which no number tells yet."""
    _serve(shifted)
    shifted.health[shifted.plan["green_arn"]] = health
    found = shifted.deliver("after_traffic")
    assert ("FAILED", told) == (found["status"], found["reason"])


@pytest.mark.parametrize(
    ("failing_every", "seconds", "told"),
    [(4, 0.0, "by now 25.00% of requests fail, of at most 0.10%"), (0, 0.1, "by now the 95th percentile is at least ")],
)
def test_a_version_that_got_worse_is_taken_back_before_its_numbers_arrive(
    shifted: ReleaseWorld, application: WebApplication, failing_every: int, seconds: float, told: str
) -> None:
    """The minutes that have arrived are good; requests of our own say what is true now."""
    _serve(shifted)
    application.failing_every = failing_every
    application.answers = dict.fromkeys(("/", "/ready"), Answer(seconds=seconds))
    shifted.write_plan(limits={"error_rate": 0.001, "response_ms": 80})
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert found["reason"].startswith(told)
    assert "although it was no worse than the old version: 0 of " in found["reason"]


def test_both_are_read_over_the_same_minutes(shifted: ReleaseWorld) -> None:
    """The minutes in which both served, as far as they have arrived."""
    _serve(shifted)
    shifted.deliver("after_traffic")
    assert 1 == len(set(shifted.metrics.asked))
    ((start, end),) = set(shifted.metrics.asked)
    assert 0 == start % 60 == end % 60
    assert end <= clock.epoch() - 60
    assert 60 == end - start


def test_more_errors_take_it_back(shifted: ReleaseWorld) -> None:
    """Five percent against less than a tenth of one."""
    _serve(shifted, failures=15)
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert "the new version fails more often: 5.00% against 0.07%, by chance once in " in found["reason"]
    assert "5.00% of requests fail, of at most 0.10%" in found["reason"]


def test_slower_takes_it_back(shifted: ReleaseWorld) -> None:
    """Twice as slow, and still below the absolute limit."""
    _serve(shifted, seconds=0.1)
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert "the new version is slower: its 95th percentile is at least " in found["reason"]


def test_a_little_slower_does_not(shifted: ReleaseWorld) -> None:
    """Ten percent, of 25 allowed."""
    _serve(shifted, seconds=0.055)
    assert "SUCCEEDED" == shifted.deliver("after_traffic")["status"]


def test_the_absolute_limit_holds_whatever_the_old_version_did(shifted: ReleaseWorld) -> None:
    """Both take two seconds; one is allowed."""
    for minute in _minutes():
        for group in ("blue", "green"):
            shifted.metrics.record(shifted.plan[group], minute, requests=1000, seconds=2.0)
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert "the 95th percentile is at least " in found["reason"]
    assert "of at most 1000" in found["reason"]


def test_too_little_data_is_waited_for_and_then_asked_for(shifted: ReleaseWorld, application: WebApplication) -> None:
    """Held until the limit is near; then a hundred requests of our own, to the test listener."""
    found = shifted.deliver("after_traffic")
    assert "IN_PROGRESS" == found["status"]
    assert "0 requests of the new version and 0 of the old one are known, each needs 200" == found["reason"]
    shifted.advance(16)
    found = shifted.deliver("after_traffic")
    assert "SUCCEEDED" == found["status"]
    assert found["reason"].startswith("0 of 100 requests of our own failed, as 0 requests of the new version")
    assert 100 == len(application.requests)
    assert {"/ready", "/"} == {path for _, path, _ in application.requests}


@pytest.mark.parametrize(
    ("failing_every", "seconds", "told"),
    [(10, 0.0, "10.00% of requests fail, of at most 0.10%"), (0, 0.1, "the 95th percentile is at least ")],
)
def test_requests_of_our_own_can_fail_it(
    shifted: ReleaseWorld, application: WebApplication, failing_every: int, seconds: float, told: str
) -> None:
    """By errors or by slowness."""
    application.failing_every = failing_every
    application.answers = dict.fromkeys(("/", "/ready"), Answer(seconds=seconds))
    shifted.write_plan(limits={"error_rate": 0.001, "response_ms": 80})
    shifted.deliver("after_traffic")
    shifted.advance(16)
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert told in found["reason"]


@pytest.mark.parametrize(
    ("choice", "status", "told"),
    [
        ("accept", "SUCCEEDED", "accepted with too little data, as the plan says"),
        ("fail", "FAILED", "too little data: "),
    ],
)
def test_what_too_little_data_means_is_the_plans_choice(
    shifted: ReleaseWorld, application: WebApplication, choice: str, status: str, told: str
) -> None:
    """Nobody is asked then."""
    shifted.write_plan(comparison=shifted.plan["comparison"] | {"too_little_data": choice})
    shifted.deliver("after_traffic")
    shifted.advance(16)
    found = shifted.deliver("after_traffic")
    assert (status, True) == (found["status"], found["reason"].startswith(told))
    assert [] == application.requests


def test_few_requests_that_all_failed_are_not_accepted(shifted: ReleaseWorld) -> None:
    """The absolute limit needs certainty, not a number of requests."""
    shifted.write_plan(comparison=shifted.plan["comparison"] | {"too_little_data": "accept"})
    _serve(shifted, requests=20, failures=20)
    shifted.deliver("after_traffic")
    shifted.advance(16)
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert "100.00% of requests fail" in found["reason"]


@pytest.mark.parametrize("status", ["InternalError", "PartialData", "Forbidden"])
def test_an_unreadable_metric_fails_it(shifted: ReleaseWorld, status: str) -> None:
    """Nothing is taken for nothing wrong."""
    _serve(shifted)
    shifted.metrics.status = status
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert f"requestcount is {status}" in found["reason"]


def test_answers_without_response_times_fail_it(shifted: ReleaseWorld) -> None:
    """A metric that should be there and is not."""
    _serve(shifted)
    for minute in shifted.metrics.minutes.values():
        minute.seconds = []
    assert "no response times" in shifted.deliver("after_traffic")["reason"]


def test_requests_that_the_version_did_not_take_are_failures(shifted: ReleaseWorld) -> None:
    """A crashing version answers no 5xx: the load balancer does, which counts connection errors."""
    _serve(shifted)
    for (group, _), minute in shifted.metrics.minutes.items():
        if group == shifted.plan["green"]:
            minute.connection_errors = 30
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert "10.00% against" in found["reason"]


def test_all_at_once_is_compared_with_before(shifted: ReleaseWorld) -> None:
    """No minute is common: the new version's minute stands against the old one's before it."""
    timeouts = shifted.plan["timeouts_seconds"] | {"after_traffic": 300}
    shifted.write_plan(window_seconds=0, strategy="blue_green", timeouts_seconds=timeouts)
    moved = int(clock.epoch() // 60) * 60
    assert "IN_PROGRESS" == shifted.deliver("after_traffic")["status"]
    shifted.advance(120)
    shifted.metrics.record(shifted.plan["blue"], moved - 60, requests=3000, failures=1)
    shifted.metrics.record(shifted.plan["green"], moved, requests=3000, failures=1)
    found = shifted.deliver("after_traffic")
    assert "no worse than the old version: 1 of 3000 requests failed, of the old version 1 of 3000" == found["reason"]


def test_the_first_release_is_held_against_the_limits() -> None:
    """There is no old version."""
    with release_world("ecs") as world:
        world.service_deployment["sourceServiceRevisions"] = []
        world.install()
        world.advance(65 - clock.epoch() % 60)
        for minute in _minutes():
            world.metrics.record(world.plan["green"], minute, requests=300)
        assert "no worse than the limits: 0 of " in world.deliver("after_traffic")["reason"]


def test_numbers_come_from_the_groups_that_the_versions_use(shifted: ReleaseWorld) -> None:
    """Which of the pair is blue changes with each release."""
    shifted.write_plan(
        blue=shifted.plan["green"],
        blue_arn=shifted.plan["green_arn"],
        green=shifted.plan["blue"],
        green_arn=shifted.plan["blue_arn"],
    )
    # The new tasks stand in what is called blue now; its errors are theirs.
    for minute in _minutes():
        shifted.metrics.record(shifted.plan["green"], minute, requests=3000, failures=2)
        shifted.metrics.record(shifted.plan["blue"], minute, requests=300, failures=15)
    found = shifted.deliver("after_traffic")
    assert "FAILED" == found["status"]
    assert "the new version fails more often: 5.00% against 0.07%" in found["reason"]
