"""Two users of RabbitMQ take turns, and the second one may do exactly what the first one may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import killing
import pytest
from rotation.broker import (
    ALL,
    CURRENT,
    LONGEST_BEFORE_REJECTED,
    VIRTUAL_HOSTS,
    Accepted,
    Made,
    rights_of,
)

from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation.rabbitmq import RabbitMQ
from shared.login import Login, Rejected
from shared.told import Told

CLONE = "application_clone"


def _writes(calls: killing.Calls) -> list[str]:
    return [name for name in calls.made if not name.startswith("server.GET")]


def test_users_take_turns(engine: RabbitMQ) -> None:
    """The second one's name is the first one's with an end."""
    second = engine.following(CURRENT)
    third = engine.following(second)
    assert [CLONE, "application"] == [second.username, third.username]
    assert 3 == len({CURRENT.password, second.password, third.password})


def test_the_secret_says_where_the_broker_is(engine: RabbitMQ, broker: Broker) -> None:
    """For AMQP."""
    assert {"engine": "rabbitmq", "host": "localhost", "port": broker.port} == engine.attributes()


def test_the_second_user_gets_the_same_rights(engine: RabbitMQ, broker: Broker, accepted: Accepted) -> None:
    """Permissions, topic permissions, tags and limits, on each virtual host; both users work."""
    pending = engine.following(CURRENT)
    engine.use(CURRENT, pending)
    engine.test(pending)
    assert rights_of(broker, "application") == rights_of(broker, CLONE)
    assert 3 == len(rights_of(broker, CLONE)["permissions"])
    for host in ("/", *VIRTUAL_HOSTS):
        assert accepted(CURRENT, host)
        assert accepted(pending, host)


def test_rights_that_the_current_user_lacks_are_taken_away(engine: RabbitMQ, broker: Broker) -> None:
    """The clone had more, and others."""
    broker.create_user(CLONE, "some-password-of-before", tags="administrator")
    broker.manage("PUT", f"permissions/orders/{CLONE}", ALL)
    for host, exchange in (("orders", "amq.direct"), ("orders", "amq.topic"), ("%2F", "amq.topic")):
        topics = {"exchange": exchange, "write": "x", "read": "x"}
        broker.manage("PUT", f"permissions/{host}/{CLONE}", ALL)
        broker.manage("PUT", f"topic-permissions/{host}/{CLONE}", topics)
    broker.manage("PUT", f"user-limits/{CLONE}/max-channels", {"value": 1})
    broker.manage("DELETE", "permissions/%2F/application")
    broker.manage("DELETE", "user-limits/application/max-channels")
    engine.use(CURRENT, engine.following(CURRENT))
    assert rights_of(broker, "application") == rights_of(broker, CLONE)
    assert {"orders", "a/b %c"} == {each["vhost"] for each in rights_of(broker, CLONE)["permissions"]}


def test_what_is_done_is_not_done_again(engine: RabbitMQ) -> None:
    """A second call writes the password alone."""
    pending = engine.following(CURRENT)
    with killing.watched() as first:
        engine.use(CURRENT, pending)
    with killing.watched() as second:
        engine.use(CURRENT, pending)
    assert 9 == len(_writes(first))
    assert [f"server.PUT users/{CLONE}"] == _writes(second)


def test_a_user_who_can_log_in_has_all_rights(engine: RabbitMQ) -> None:
    """The password comes last, so that whoever is killed before leaves a user whom nobody can be."""
    with killing.watched() as calls:
        engine.use(CURRENT, engine.following(CURRENT))
    assert f"server.PUT users/{CLONE}" == _writes(calls)[0] == _writes(calls)[-1]


def test_the_old_user_cannot_log_in_once_it_is_retired(engine: RabbitMQ, broker: Broker, accepted: Accepted) -> None:
    """Nothing else of it changes; and again it is its turn."""
    before = rights_of(broker, "application")
    second = engine.following(CURRENT)
    engine.use(CURRENT, second)
    engine.retire(second)
    assert not accepted(CURRENT)
    assert accepted(second)
    assert before == rights_of(broker, "application")
    with killing.watched() as calls:
        engine.retire(second)
    assert [] == _writes(calls)
    third = engine.following(second)
    engine.use(second, third)
    engine.test(third)
    engine.retire(third)
    assert [False, False, True] == [accepted(login) for login in (CURRENT, second, third)]


def _unrelated(broker: Broker) -> Mapping[str, Any]:
    wanted = {
        "queues": ("name", "vhost", "type", "arguments", "durable", "policy"),
        "policies": ("name", "vhost", "definition"),
        "exchanges": ("name", "vhost", "type"),
        "bindings": ("source", "destination", "vhost"),
        "feature-flags": ("name", "state"),
        "vhost-limits": ("vhost", "value"),
        "parameters": ("name", "component"),
        "permissions": ("user", "vhost", "configure"),
    }
    return {
        path: [
            {key: each.get(key) for key in keys}
            for each in broker.manage("GET", path)
            if each.get("user") not in (CLONE, "application")
        ]
        for path, keys in wanted.items()
    }


def test_nothing_else_at_the_broker_changes(engine: RabbitMQ, broker: Broker) -> None:
    """Quorum queues with what is in them, policies, feature flags, limits of virtual hosts, other users."""
    broker.manage("PUT", "queues/orders/jobs", {"durable": True, "arguments": {"x-queue-type": "quorum"}})
    broker.manage("PUT", "policies/orders/limit", {"pattern": "jobs", "definition": {"delivery-limit": 5}})
    broker.manage("PUT", "vhost-limits/orders/max-queues", {"value": 100})
    message = {"properties": {}, "routing_key": "jobs", "payload": "kept", "payload_encoding": "string"}
    broker.manage("POST", "exchanges/orders/amq.default/publish", message)
    before = _unrelated(broker)
    second = engine.following(CURRENT)
    engine.use(CURRENT, second)
    engine.test(second)
    engine.retire(second)
    assert before == _unrelated(broker)
    asked = {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
    assert ["kept"] == [each["payload"] for each in broker.manage("POST", "queues/orders/jobs/get", asked)]
    broker.manage("DELETE", "queues/orders/jobs")


def test_a_password_that_the_broker_refuses_is_rejected(engine: RabbitMQ, accepted: Accepted) -> None:
    """By its credential validator; and is told to nobody."""
    pending = Login(CLONE, "tell-nobody" * LONGEST_BEFORE_REJECTED)
    with pytest.raises(Rejected, match="does not take the password of application_clone") as rejected:
        engine.use(CURRENT, pending)
    assert "tell-nobody" not in str(rejected.value)
    assert accepted(CURRENT)
    engine.use(CURRENT, engine.following(CURRENT))


def test_the_first_user_is_created_with_every_right(engine_of: Made, broker: Broker) -> None:
    """On the virtual host of services; a user who works is left alone."""
    engine = engine_of(virtual_host="orders")
    broker.manage("DELETE", "users/application")
    engine.establish(CURRENT)
    assert {
        "tags": [],
        "permissions": [{"vhost": "orders", **ALL}],
        "topics": [],
        "limits": [],
    } == rights_of(broker, "application")
    engine.test(CURRENT)
    with killing.watched() as calls:
        engine.establish(CURRENT)
    assert [] == _writes(calls)


def test_a_password_that_was_changed_at_the_broker_is_changed_back(
    engine: RabbitMQ, broker: Broker, accepted: Accepted
) -> None:
    """When a person asks for it; rights and tags stay as they are."""
    before = rights_of(broker, "application")
    broker.manage("PUT", "users/application", {"password": "another-password", "tags": ",".join(before["tags"])})
    assert not accepted(CURRENT)
    engine.establish(CURRENT)
    assert accepted(CURRENT)
    assert before == rights_of(broker, "application")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(6))
def test_creation_can_be_killed_anywhere(
    engine: RabbitMQ, broker: Broker, accepted: Accepted, at: int, after: bool
) -> None:
    """The next call completes it."""
    broker.manage("DELETE", "users/application")
    with pytest.raises(killing.Killed), killing.watched(at, after=after):
        engine.establish(CURRENT)
    engine.establish(CURRENT)
    assert accepted(CURRENT)
    assert [{"vhost": "/", **ALL}] == rights_of(broker, "application")["permissions"]


def test_creation_is_six_requests(engine: RabbitMQ, broker: Broker) -> None:
    """Which the test above kills one by one."""
    broker.manage("DELETE", "users/application")
    with killing.watched() as calls:
        engine.establish(CURRENT)
    assert 6 == len(calls.made)


def _dropped(broker: Broker) -> str:
    broker.manage("DELETE", "users/application")
    return "RabbitMQ has no user application"


def _no_rights(broker: Broker) -> str:
    for host in ("%2F", "orders", "a%2Fb%20%25c"):
        broker.manage("DELETE", f"permissions/{host}/{CLONE}")
    return "may not use the virtual host / of RabbitMQ"


def test_a_user_dropped_by_hand_is_told(engine: RabbitMQ, broker: Broker) -> None:
    """Nobody knows its rights; nothing is changed."""
    told = _dropped(broker)
    with killing.watched() as calls, pytest.raises(Told, match=told):
        engine.use(CURRENT, engine.following(CURRENT))
    assert [] == _writes(calls)
    broker.create_user("application", CURRENT.password)
    pending = engine.following(CURRENT)
    engine.use(CURRENT, pending)
    engine.test(pending)


def test_the_other_user_dropped_by_hand_comes_back(engine: RabbitMQ, broker: Broker) -> None:
    """The next rotation creates it again; a retirement has nothing to do."""
    second = engine.following(CURRENT)
    engine.use(CURRENT, second)
    broker.manage("DELETE", f"users/{CLONE}")
    engine.retire(CURRENT)
    with pytest.raises(Told, match="may not use the virtual host"):
        engine.test(second)
    engine.use(CURRENT, second)
    engine.test(second)


def test_rights_taken_away_by_hand_are_told(engine: RabbitMQ, broker: Broker) -> None:
    """The test step notices that services could not work."""
    pending = engine.following(CURRENT)
    engine.use(CURRENT, pending)
    told = _no_rights(broker)
    with pytest.raises(Told, match=told):
        engine.test(pending)


def test_a_wrong_password_fails_the_test_step(engine: RabbitMQ, caplog: pytest.LogCaptureFixture) -> None:
    """By AMQP, really; nobody logs the password."""
    wrong = Login("application", "not-the-password-of-test")
    with pytest.raises(Told, match="refuses the password of application") as told:
        engine.test(wrong)
    assert told.value.__cause__ is None
    assert wrong.password not in str(told.value) + caplog.text


def test_users_that_are_no_pair_are_refused(engine: RabbitMQ) -> None:
    """A current user's password is never overwritten."""
    for name in ("application", "someone"):
        with killing.watched() as calls, pytest.raises(Told, match="no pair of users"):
            engine.use(CURRENT, Login(name, "some-password-of-test"))
        assert [] == calls.made
