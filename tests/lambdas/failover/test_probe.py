"""Probes of a region, over TLS, against a front that answers what a test says."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from web_application import Answer, WebApplication, web_application

from failover import probe
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Authority
from shared import trust

HOME, STAND_IN = "us-west-2", "us-east-1"
PATHS = {region: f"/.well-known/understudy/{region}" for region in (HOME, STAND_IN, "active")}


@pytest.fixture
def front(certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebApplication]:
    """A CDN whose certificate the functions trust."""
    monkeypatch.setenv("CA_BUNDLE", str(certificate_authority.file))
    trust.public_and_bundle.cache_clear()
    with web_application(certificate_authority.certificate("front", ["localhost"])) as application:
        monkeypatch.setattr(probe, "PORT", application.port)
        yield application
    trust.public_and_bundle.cache_clear()


def asked(region: str = HOME, **given: object) -> probe.Probed:
    """One probe of a region."""
    return probe.probe("localhost", [region], **given)[region]  # type: ignore[arg-type]


def test_R5_each_region_is_asked_at_its_own_path(front: WebApplication) -> None:
    """Several times, side by side, and found ready or failing by what it answers itself."""
    front.answers = {PATHS[HOME]: Answer(503), PATHS[STAND_IN]: Answer(200)}
    found = probe.probe("localhost", [HOME, STAND_IN], requests=3)
    assert {HOME: "failing", STAND_IN: "ready"} == {region: each.verdict for region, each in found.items()}
    assert [("GET", PATHS[STAND_IN], "localhost")] * 3 + [("GET", PATHS[HOME], "localhost")] * 3 == sorted(
        front.requests, key=lambda request: request[1]
    )
    assert ("us-west-2: 503", "") == (found[HOME].why, found[STAND_IN].why)


@pytest.mark.parametrize(
    ("status", "expected", "verdict"),
    [
        (200, "200", "ready"),
        (204, "200,204", "ready"),
        (226, "200-299", "ready"),
        (401, "401", "ready"),
        (204, "200", "failing"),
        (302, "200", "failing"),
        (500, "200", "failing"),
        (502, "200-299", "failing"),
        (504, "200", "failing"),
        (403, "200", "unknown"),
        (404, "200", "unknown"),
        (429, "200", "unknown"),
    ],
)
def test_R5_what_an_answer_tells(front: WebApplication, status: int, expected: str, verdict: str) -> None:
    """The spec's statuses are ready; what the firewall or CloudFront itself refuses says nothing about a region."""
    front.answers = {PATHS[HOME]: Answer(status)}
    assert (verdict, {status}) == (
        asked(expected_status=expected).verdict,
        {each.status for each in asked(expected_status=expected).asked},
    )


@pytest.mark.parametrize("said", ["FunctionExecutionError from cloudfront", "FunctionThrottledError from cloudfront"])
def test_R5_a_fault_of_the_routing_function_is_no_regions(front: WebApplication, said: str) -> None:
    """CloudFront answers 503 for it, and says so."""
    front.answers = {PATHS[HOME]: Answer(503, headers={"X-Cache": said})}
    assert "unknown" == asked().verdict


def test_R5_a_region_that_says_nothing_is_failing(front: WebApplication) -> None:
    """CloudFront was there, and had no answer in time; the probe waits no longer than it was told."""
    front.answers = {PATHS[HOME]: Answer(200, seconds=30)}
    begin = time.monotonic()
    found = asked(timeout_seconds=1.0)
    assert time.monotonic() - begin < 10
    assert ("failing", "us-west-2: no answer in time") == (found.verdict, found.why)


def test_R5_one_ready_answer_is_enough(front: WebApplication) -> None:
    """A region that answers now and then is slow or overloaded, and not lost."""
    front.failing_every = 2
    found = asked(requests=4)
    assert {"ready", "failing"} == {each.verdict for each in found.asked}
    assert "ready" == found.verdict


def test_R5_an_edge_that_cannot_be_reached_says_nothing_about_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, or a name that nobody knows: that is the asker's own network, or CloudFront's."""
    monkeypatch.setattr(probe, "PORT", free_port())
    assert ("unknown", "the CDN was not reached at localhost: the connection was refused") == (
        asked().verdict,
        asked().why,
    )


def test_R5_a_certificate_that_is_not_the_domains_is_no_answer(
    front: WebApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever answers there is not the CDN."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **named: resolve("localhost", *more, **named))
    found = probe.probe("app.example.com", [HOME])[HOME]
    assert "unknown" == found.verdict
    assert "its certificate is not to be trusted" in found.why
    assert [] == front.requests


def test_R5_the_edge_tells_which_region_it_sends_requests_to(front: WebApplication) -> None:
    """None when it does not say."""
    front.answers = {PATHS["active"]: Answer(200, STAND_IN)}
    assert STAND_IN == probe.routed("localhost")
    front.answers = {PATHS["active"]: Answer(503)}
    assert probe.routed("localhost") is None
    front.answers = {PATHS["active"]: Answer(200, STAND_IN, seconds=5)}
    assert probe.routed("localhost", timeout_seconds=0.5) is None
