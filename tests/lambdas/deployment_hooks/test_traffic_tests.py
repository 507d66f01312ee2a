"""Smoke tests and load on the new version, over a real TLS listener."""

from __future__ import annotations

from typing import Any

import pytest
from release_world import ReleaseWorld
from web_application import Answer, WebApplication

from rehearsal.ports import free_port


def _smoke_test(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "path": "/", "response_ms": 1000, **fields}


def test_a_good_version_passes(world: ReleaseWorld, application: WebApplication) -> None:
    """Smoke tests once, then the load, over a few connections that are kept, all with the service's name as Host."""
    found = world.deliver("test_traffic")
    assert "SUCCEEDED" == found["status"]
    assert found["reason"].startswith("1 smoke tests passed; 20 requests, 95th percentile ")
    assert ["GET /ready", *["GET /"] * 20] == [f"{method} {path}" for method, path, _ in application.requests]
    assert {"shop.example.com"} == {host for _, _, host in application.requests}
    assert len(application.connections) <= 12


def test_all_failures_are_told_at_once(world: ReleaseWorld, application: WebApplication) -> None:
    """Status, body, header and time of three tests; no load after that."""
    application.answers = {
        "/a": Answer(404, headers={"X-Version": "1"}),
        "/b": Answer(seconds=0.15),
        "/c": Answer(body="a secret answer"),
    }
    world.write_plan(
        smoke_tests=[
            _smoke_test("first", path="/a", headers={"x-version": "2", "x-other": "3"}),
            _smoke_test("second", path="/b", response_ms=50),
            _smoke_test("third", path="/c", body_contains="well"),
        ]
    )
    found = world.deliver("test_traffic")
    assert "FAILED" == found["status"]
    for told in (
        "first: GET /a: answered 404, not 200",
        "first: GET /a: the header x-version is not '2'",
        "first: GET /a: the header x-other is missing",
        "second: GET /b: took ",
        "third: GET /c: the body does not contain 'well'",
    ):
        assert told in found["reason"]
    assert "secret" not in found["reason"]
    assert 3 == len(application.requests)


def test_a_request_that_writes_is_sent_in_the_active_region_alone(
    world: ReleaseWorld, application: WebApplication
) -> None:
    """The stand-in's database takes no writes."""
    world.write_plan(
        load=None,
        active_region="us-east-1",
        smoke_tests=[_smoke_test("order", path="/orders", method="POST", request_body="{}"), _smoke_test("ready")],
    )
    assert "1 smoke tests passed" == world.deliver("test_traffic")["reason"]
    assert ["GET"] == [method for method, _, _ in application.requests]


def test_a_request_that_writes_is_sent_with_its_body_and_headers(
    world: ReleaseWorld, application: WebApplication
) -> None:
    """After those that read."""
    application.answers = {"/orders": Answer(201)}
    world.write_plan(
        load=None,
        smoke_tests=[
            _smoke_test("order", path="/orders", method="POST", request_body='{"test": 1}', status=201),
            _smoke_test("ready"),
        ],
    )
    assert "2 smoke tests passed" == world.deliver("test_traffic")["reason"]
    assert ["GET", "POST"] == [method for method, _, _ in application.requests]
    assert b'{"test": 1}' == application.bodies[-1]


def test_a_listener_that_is_not_switched_yet_is_waited_for(world: ReleaseWorld, application: WebApplication) -> None:
    """The load balancer's own 404 comes from its default rule; the application's would be a failure."""
    application.answers = {"/ready": Answer(404, headers={"Server": "awselb/2.0"})}
    found = world.deliver("test_traffic")
    assert ("IN_PROGRESS", "the test listener does not lead to the new version yet") == (
        found["status"],
        found["reason"],
    )
    application.answers = {}
    assert "SUCCEEDED" == world.deliver("test_traffic")["status"]


def test_one_server_error_under_load_is_too_many(world: ReleaseWorld, application: WebApplication) -> None:
    """Every tenth request fails."""
    application.failing_every = 10
    found = world.deliver("test_traffic")
    assert "FAILED" == found["status"]
    assert "1 smoke tests passed, but 2 of 20 requests of the load failed, first GET /: 500" == found["reason"]


def test_slow_under_load(world: ReleaseWorld, application: WebApplication) -> None:
    """The 95th percentile lies above the objective."""
    application.answers = {"/": Answer(seconds=0.12)}
    world.write_plan(limits={"error_rate": 0.001, "response_ms": 100})
    found = world.deliver("test_traffic")
    assert "FAILED" == found["status"]
    assert "under load the 95th percentile is " in found["reason"]


def test_a_version_that_does_not_answer(world: ReleaseWorld) -> None:
    """Nothing listens."""
    world.write_plan(test={"host": "localhost", "port": free_port(), "server_name": "shop.example.com"})
    found = world.deliver("test_traffic")
    assert ("FAILED", "ready: GET /ready: the connection was refused") == (found["status"], found["reason"])


def test_a_listener_with_another_names_certificate(world: ReleaseWorld, application: WebApplication) -> None:
    """The name asked for is the service's, not the load balancer's."""
    world.write_plan(test={"host": "localhost", "port": application.port, "server_name": "other.example.com"})
    found = world.deliver("test_traffic")
    assert "FAILED" == found["status"]
    assert "its certificate is not to be trusted: Hostname mismatch" in found["reason"]


def test_nothing_is_asked_where_no_task_is_wanted(world: ReleaseWorld, application: WebApplication) -> None:
    """A stand-in at zero."""
    world.write_plan(desired_tasks=0)
    world._service.desired_count = 0
    world.service_deployment.get("targetServiceRevision", {})["requestedTaskCount"] = 0
    found = world.deliver("test_traffic")
    assert ("SUCCEEDED", "no task is wanted here, so there is nothing to ask") == (found["status"], found["reason"])
    assert [] == application.requests


def test_a_load_that_does_not_fit_the_hooks_time(world: ReleaseWorld) -> None:
    """Rather than hang, it says so."""
    world.write_plan(load={"path": "/", "requests_per_second": 10, "seconds": 60})
    found = world.deliver("test_traffic")
    assert "FAILED" == found["status"]
    assert "the load needs 60 s and 20 s are left" in found["reason"]


@pytest.mark.parametrize("stage", ["test_traffic"])
def test_an_answer_that_never_ends_is_not_waited_for(
    world: ReleaseWorld, application: WebApplication, stage: str
) -> None:
    """A second beyond the test's limit, no more."""
    application.answers = {"/ready": Answer(seconds=5)}
    world.write_plan(smoke_tests=[_smoke_test("ready", path="/ready", response_ms=100)])
    found = world.deliver(stage)
    assert ("FAILED", "ready: GET /ready: no answer in time") == (found["status"], found["reason"])
