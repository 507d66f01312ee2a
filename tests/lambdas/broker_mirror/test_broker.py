"""The waiting site's broker consists of what the active site's does, on a real RabbitMQ."""

from __future__ import annotations

import json

import pytest
from copying.brokers import ACTIVE, HOSTS, WAITING, World
from killing import Killed, watched
from rotation.broker import count_requests

from broker_mirror import receiving, sending
from shared import clock
from shared.told import Told

Consists = dict[str, dict[str, list[str]]]


def _sent(made: World) -> Consists:
    """What the active site's broker consists of; it is written, and the broker emptied."""
    made.fill()
    before = made.consists_of()
    made.be(ACTIVE)
    assert {"status": "written"} == sending.handler({}, None)
    made.empty()
    assert before != made.consists_of()
    made.be(WAITING)
    return before


def test_R4_an_empty_broker_gets_everything_that_is_durable(made: World) -> None:
    """Virtual hosts, quorum queues, exchanges, bindings, policies, and rights of users that are there; again changes nothing."""
    before = _sent(made)
    assert set(HOSTS) == set(before)
    assert {1} == {
        len(host[kind]) for host in before.values() for kind in ("queues", "exchanges", "bindings", "policies")
    }
    for _ in range(2):
        assert {"status": "in step"} == receiving.handler({}, None)
        assert before == made.consists_of()


def test_S3_neither_users_nor_hashes_are_written(made: World) -> None:
    """Each broker has its own; nor is what only one broker has, written: what goes by itself, and what is Amazon's."""
    _sent(made)
    text = made.written()
    for absent in ("password", "hash", made.broker.password, "passing", "AWS-OWNED"):
        assert absent not in text, absent
    assert {"virtual_hosts", "written_at"} == set(json.loads(text))


def test_R4_what_the_waiting_broker_has_of_its_own_stays(made: World) -> None:
    """Nothing is removed; a policy that differs is changed, and so are rights."""
    before = _sent(made)
    made.manage("PUT", "queues", "/", "own", body={"durable": True})
    other = {"pattern": "^new", "definition": {"max-length": 1}, "apply-to": "queues", "priority": 0}
    made.manage("PUT", "policies", "/", "limit", body=other)
    assert {"status": "in step"} == receiving.handler({}, None)
    after = made.consists_of()
    own = after["/"]["queues"].pop(next(i for i, each in enumerate(after["/"]["queues"]) if each.startswith("own ")))
    assert own.startswith("own ")
    assert before == after


def test_R4_a_queue_that_is_another_one_is_told_of(made: World) -> None:
    """RabbitMQ changes no queue: the rest is brought in step, and a person is told what to delete."""
    before = _sent(made)
    made.manage("PUT", "queues", "/", "new orders", body={"durable": True})
    with pytest.raises(Told, match="queue new orders of / is another one here, and RabbitMQ changes none: delete it"):
        receiving.handler({}, None)
    after = made.consists_of()
    assert before["orders"] == after["orders"]
    assert before["/"]["exchanges"] == after["/"]["exchanges"]


def test_R5_a_region_that_lost_the_lease_sends_nothing(made: World) -> None:
    """What it consists of is of no interest any more."""
    made.fill()
    made.held_by(WAITING)
    made.be(ACTIVE)
    assert {"status": f"the lease is held by {WAITING}"} == sending.handler({}, None)
    made.be(WAITING)
    assert {"status": "this region takes messages itself"} == receiving.handler({}, None)


def test_R4_nothing_to_read_and_nothing_new_are_told_of(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the alarm on the function's errors rings."""
    made.be(WAITING)
    with pytest.raises(Told, match="the active region has written nothing yet"):
        receiving.handler({}, None)
    _sent(made)
    now = clock.epoch()
    monkeypatch.setattr(clock, "epoch", lambda: now + 7200)
    with pytest.raises(Told, match="has written nothing for 120 minutes"):
        receiving.handler({}, None)


def test_R4_a_broker_that_takes_no_login(made: World) -> None:
    """With the way to mend it, and without the password."""
    made.be(ACTIVE, password="wrong-password-here")
    with pytest.raises(Told, match="takes no login of its administrator") as told:
        sending.handler({}, None)
    assert "wrong-password-here" not in str(told.value)


@pytest.mark.parametrize("after", [False, pytest.param(True, marks=pytest.mark.full)])
def test_R4_killed_at_each_call(made: World, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """To AWS and to the broker, before it is sent and after it worked: the next run brings all in step."""
    before = _sent(made)
    count_requests(monkeypatch)
    with watched() as calls:
        receiving.handler({}, None)
    # A call that only reads may be the last as well; what it leaves is what the one before it left.
    changing = [number for number, name in enumerate(calls.made) if name.startswith(("server.PUT", "server.POST"))]
    assert len(changing) >= 2 * len(HOSTS), calls.made
    for kill_at in changing:
        made.empty()
        with watched(kill_at, after=after), pytest.raises(Killed):
            receiving.handler({}, None)
        receiving.handler({}, None)
        assert before == made.consists_of(), calls.made[kill_at]
