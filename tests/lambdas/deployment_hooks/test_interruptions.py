"""Hooks killed at any call, delivered twice, out of order: one verdict, one migration, one order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from release_plan import Engine
from release_world import Call, ReleaseWorld, release_world
from web_application import Answer, WebApplication

from rehearsal.servers.certificates import Authority

STAGES = ("before_install", "after_install", "test_traffic", "before_traffic", "after_traffic")
FINAL = {"SUCCEEDED", "FAILED"}
READING = ("Get", "Describe", "List", "Query")
EACH = pytest.mark.parametrize(
    "each", [pytest.param(False, id="changes"), pytest.param(True, id="each", marks=pytest.mark.full)]
)
"""Whether at each call, or at those alone that change something and so must not happen twice."""


class Killed(BaseException):
    """The function is gone, as if Lambda had ended its process."""


def _prepared(world: ReleaseWorld) -> None:
    """The new version stands and is good, a writing smoke test included; a hundred requests of our own decide."""
    world.install()
    order = {"name": "order", "path": "/orders", "method": "POST", "request_body": "{}", "response_ms": 1000}
    comparison = world.plan["comparison"] | {"synthetic_requests": 20}
    ready = {"name": "ready", "path": "/ready", "response_ms": 1000}
    world.write_plan(smoke_tests=[order, ready], load=None, comparison=comparison)


def _to_the_end(world: ReleaseWorld, stage: str) -> str:
    """Look until there is a verdict, as the workflow does; the migration ends well meanwhile."""
    for _ in range(20):
        found = world.deliver(stage)
        if found["status"] in FINAL:
            return str(found["status"])
        world.end_migration(0)
        world.advance(found["wait_seconds"])
    return "never"


def _at(number: int, act: Callable[[], None]) -> Callable[[Call], None]:
    """Act at the call of that number, once."""
    count = iter(range(10_000))

    def passing(_call: Call) -> None:
        if next(count) == number:
            act()

    return passing


def _numbers(engine: Engine, stage: str, authority: Authority, application: WebApplication, *, each: bool) -> list[int]:
    """Of a first look's calls of AWS: `each`, or those that change something and the last one."""
    with release_world(engine, ca_bundle=authority.file, port=application.port) as world:
        _prepared(world)
        world.deliver(stage)
        calls = [operation for _, operation in world.calls]
    last = len(calls) - 1
    return [number for number, name in enumerate(calls) if each or number == last or not name.startswith(READING)]


def _die() -> None:
    raise Killed


@EACH
@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_call(
    engine: Engine,
    stage: str,
    certificate_authority: Authority,
    application: WebApplication,
    *,
    each: bool,
) -> None:
    """After each call of a first look in turn, the last one included; then the retry, to the end.

    Before a call is the same as after the one before it.
    """
    for number in _numbers(engine, stage, certificate_authority, application, each=each):
        application.requests.clear()
        with release_world(engine, ca_bundle=certificate_authority.file, port=application.port) as world:
            _prepared(world)
            world.after_call = _at(number, _die)
            with suppress(Killed):
                world.deliver(stage)
            verdict = _to_the_end(world, stage)
            assert verdict in FINAL, f"killed at call {number}"
            assert verdict == world.deliver(stage)["status"]
            assert len(world.one_off_tasks()) <= 1, f"killed at call {number}"
            assert [method for method, _, _ in application.requests].count("POST") <= 1, f"killed at call {number}"
            if stage != "test_traffic":
                # Nothing was wrong, and nothing was sent whose answer could be lost.
                assert "SUCCEEDED" == verdict, f"killed at call {number}"


@EACH
@pytest.mark.parametrize("stage", STAGES)
def test_delivered_twice_at_once(
    engine: Engine, stage: str, certificate_authority: Authority, application: WebApplication, *, each: bool
) -> None:
    """A whole second delivery happens inside the first, at each of its calls in turn."""
    for number in _numbers(engine, stage, certificate_authority, application, each=each):
        application.requests.clear()
        with release_world(engine, ca_bundle=certificate_authority.file, port=application.port) as world:
            _prepared(world)
            second: list[str] = []

            def deliver(world: ReleaseWorld = world, second: list[str] = second) -> None:
                second.append(str(world.deliver(stage)["status"]))

            world.before_call = _at(number, deliver)
            first = str(world.deliver(stage)["status"])
            verdict = _to_the_end(world, stage)
            assert {first, *second} - {"IN_PROGRESS"} <= {verdict}, f"second delivery at call {number}"
            assert len(world.one_off_tasks()) <= 1, f"second delivery at call {number}"
            assert [method for method, _, _ in application.requests].count("POST") <= 1


def test_an_order_whose_answer_was_lost_is_not_sent_again(world: ReleaseWorld, application: WebApplication) -> None:
    """The call dies between the request and the note of its answer."""
    _prepared(world)
    sent: list[Call] = []

    def die_after_the_order(call: Call) -> None:
        if ("POST", "/orders") in {request[:2] for request in application.requests} and call == (
            "dynamodb",
            "UpdateItem",
        ):
            sent.append(call)
            raise Killed

    world.before_call = die_after_the_order
    with suppress(Killed):
        world.deliver("test_traffic")
    assert 1 == len(sent)
    world.before_call = lambda _call: None
    found = world.deliver("test_traffic")
    assert ("FAILED", "order: POST /orders was sent before and its answer lost") == (found["status"], found["reason"])
    assert ["GET", "POST", "GET"] == [method for method, _, _ in application.requests]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(
    events=st.lists(
        st.tuples(st.sampled_from(STAGES), st.sampled_from(["look", "kill"]), st.integers(0, 20), st.integers(0, 30)),
        max_size=12,
    ),
    bad=st.sampled_from(["nothing", "migration", "health", "errors"]),
)
def test_in_any_order(
    engine: Engine,
    certificate_authority: Authority,
    application: WebApplication,
    events: list[tuple[str, str, int, int]],
    bad: str,
) -> None:
    """Looks of all stages, some killed, in any order and after any time: each stage keeps its one verdict."""
    application.requests.clear()
    application.answers = {"/orders": Answer(500)} if bad == "errors" else {}
    with release_world(engine, ca_bundle=certificate_authority.file, port=application.port) as world:
        _prepared(world)
        if bad == "health":
            world.health[world.plan["green_arn"]] = ["unhealthy"] * 2
        verdicts: dict[str, str] = {}
        for stage, kind, number, seconds in events:
            world.before_call = _at(number, _die) if kind == "kill" else lambda _call: None
            with suppress(Killed):
                status = str(world.deliver(stage)["status"])
                assert stage not in verdicts or status == verdicts[stage]
                if status in FINAL:
                    verdicts[stage] = status
            world.before_call = lambda _call: None
            world.end_migration(1 if bad == "migration" else 0)
            world.advance(seconds)
        for stage in STAGES:
            verdicts.setdefault(stage, _to_the_end(world, stage))
        assert set(verdicts.values()) <= FINAL
        wrong = {"migration": "before_install", "health": "after_install", "errors": "test_traffic"}.get(bad)
        if wrong == "before_install" and verdicts[wrong] == "SUCCEEDED":
            assert "0" == world.entry("migration").get("exit_code")
        elif wrong is not None:
            assert "FAILED" == verdicts[wrong]
        assert len(world.one_off_tasks()) <= 1
        assert [method for method, _, _ in application.requests].count("POST") <= 1
