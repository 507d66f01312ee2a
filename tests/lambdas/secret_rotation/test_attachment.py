"""A new secret's login works as soon as CloudFormation says that it does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from killing import Killed, watched
from rotation.memory import HOST
from rotation.world import World
from traffic.place import Ear

from secret_rotation.handler import handler
from shared.secret_versions import current_since
from shared.told import Told

NEW = {"username": "application", "password": "as-generated", "dbname": "shop"}


def event(world: World, ear: Ear, kind: str, **properties: object) -> dict[str, Any]:
    """As CloudFormation sends it."""
    sent = {
        "RequestType": kind,
        "ResponseURL": ear.url,
        "StackId": "arn:aws:cloudformation:us-west-2:123456789012:stack/shop-prod-data/1",
        "RequestId": "request",
        "LogicalResourceId": "DatabaseLogin",
        "ResourceType": "Custom::Login",
        "ResourceProperties": {"ServiceToken": "arn", "SecretId": world.arn, "Attributes": "{}", **properties},
    }
    return sent if kind == "Create" else {**sent, "PhysicalResourceId": world.arn}


def send(world: World, ear: Ear, kind: str, **properties: object) -> dict[str, Any]:
    """The answer."""
    handler(event(world, ear, kind, **properties), object())
    return ear.last


@pytest.fixture
def created(world: World) -> World:
    """As CloudFormation leaves it: no server knows the login, and the secret knows no server."""
    world.arn = world.secrets.create("shop-prod/new", NEW)
    world.server.passwords.clear()
    return world


def test_a_new_secret(created: World, ear: Ear) -> None:
    """Gets its place and keeps its login, which the server takes from now on. It can rotate at once."""
    answer = send(created, ear, "Create")
    assert ("SUCCESS", created.arn) == (answer["Status"], answer["PhysicalResourceId"])
    assert {**NEW, "engine": "memory", "host": HOST, "port": 1} == created.secrets.value(created.arn)
    created.check(logins=1)
    created.rotate()
    created.check()


def test_a_second_time(created: World, ear: Ear) -> None:
    """Neither the secret nor a login that works is touched; one that was dropped is made again."""
    send(created, ear, "Create")
    labels, since = created.secrets.labels(created.arn), current_since(created.arn)
    created.server.passwords["application"].append("another")
    created.moved += 100
    assert "SUCCESS" == send(created, ear, "Update")["Status"]
    assert (labels, since) == (created.secrets.labels(created.arn), current_since(created.arn))
    assert 2 == created.server.live
    created.server.passwords.clear()
    assert "SUCCESS" == send(created, ear, "Update")["Status"]
    created.check(logins=1)


def test_a_person_asks_for_it(created: World) -> None:
    """And hears what came of it: nobody else waits for an answer."""
    request = {"Step": "establish", "SecretId": created.arn}
    assert {"status": "SUCCEEDED"} == handler(request, object())
    created.check(logins=1)
    with pytest.raises(Told, match="does not rotate the secret"):
        handler({**request, "SecretId": "arn:of:another"}, object())


def test_a_server_at_another_place(created: World, ear: Ear) -> None:
    """Is a new version with the same login, which consumers have to learn of: it is current since now."""
    send(created, ear, "Create")
    created.rotate()
    login, since = created.current(), current_since(created.arn)
    created.host = "restored.internal"
    created.moved += 100
    answer = send(created, ear, "Update", Attributes='{"host": "restored.internal"}')
    assert ("SUCCESS", created.arn) == (answer["Status"], answer["PhysicalResourceId"])
    assert "restored.internal" == created.secrets.value(created.arn)["host"]
    assert login == created.current()
    assert current_since(created.arn) >= since + 99
    created.check()
    created.rotate()
    created.check()
    assert "restored.internal" == created.secrets.value(created.arn)["host"]


def test_a_rotation_on_its_way(created: World, ear: Ear) -> None:
    """Is given up if it would bring the old place back, and the one after it works."""
    send(created, ear, "Create")
    token = created.secrets.begin(created.arn)
    for step in ("createSecret", "setSecret"):
        created.step(step, token)
    created.host = "restored.internal"
    send(created, ear, "Update")
    with pytest.raises(Told, match="was given up"):
        created.step("testSecret", token)
    created.resume()
    created.check()
    assert "restored.internal" == created.secrets.value(created.arn)["host"]


def test_deletion(created: World, ear: Ear) -> None:
    """Touches nothing, and succeeds whatever is gone already."""
    send(created, ear, "Create")
    before = created.secrets.labels(created.arn)
    assert "SUCCESS" == send(created, ear, "Delete")["Status"]
    assert "SUCCESS" == send(created, ear, "Delete", SecretId="arn:of:something:gone")["Status"]
    assert created.arn == ear.last["PhysicalResourceId"]
    assert before == created.secrets.labels(created.arn)
    created.check(logins=1)


def test_a_server_that_is_down(created: World, ear: Ear) -> None:
    """Is why CloudFormation is told FAILED; a second attempt goes on."""
    created.server.down = True
    answer = send(created, ear, "Create")
    assert ("FAILED", "The server does not answer") == (answer["Status"], answer["Reason"])
    created.server.down = False
    assert "SUCCESS" == send(created, ear, "Create")["Status"]
    created.check(logins=1)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"SecretId": "arn:of:another"}, "does not rotate the secret 'arn:of:another'"),
        ({"SecretId": ""}, "does not rotate the secret ''"),
        ({"SecretId": ["x"]}, "does not rotate the secret"),
    ],
)
def test_a_secret_that_is_not_the_function_s(
    created: World, ear: Ear, properties: dict[str, object], reason: str
) -> None:
    """Is why CloudFormation is told FAILED, under some name; and the deletion that it then sends succeeds."""
    answer = send(created, ear, "Create", **properties)
    assert "FAILED" == answer["Status"]
    assert reason in answer["Reason"]
    assert answer["PhysicalResourceId"]
    assert "SUCCESS" == send(created, ear, "Delete", **properties)["Status"]


def test_a_failure_that_nobody_foresaw(created: World, ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    """Is answered and logged by its kind and place: its text may quote the password, or the address that answers."""

    def fails(_: object) -> None:
        raise ValueError("could not send as-generated")

    created.instead["establish"] = fails
    answer = send(created, ear, "Create")
    assert "FAILED" == answer["Status"]
    assert answer["Reason"].startswith("Unforeseen failure: ValueError.")
    logged = [vars(record) for record in caplog.records]
    assert "test_attachment.py" in logged[-1]["where"][-1]
    assert "as-generated" not in json.dumps(answer) + str(logged)
    assert "very-secret" not in str(logged)


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_each_call(created: World, ear: Ear, *, after: bool) -> None:
    """CloudFormation's next attempt ends as if it were the first."""
    with watched() as calls:
        send(created, ear, "Create")
    for kill_at in range(len(calls.made)):
        created.arn = created.secrets.create(f"shop-prod/new{kill_at}", NEW)
        created.server.passwords.clear()
        with watched(kill_at, after=after), pytest.raises(Killed):
            handler(event(created, ear, "Create"), object())
        assert "SUCCESS" == send(created, ear, "Create")["Status"], calls.made[kill_at]
        created.check(logins=1)


def test_a_generated_value(world: World, ear: Ear) -> None:
    """Announces the one that follows, and stays what it is."""
    world.begin_generated(value="first")
    assert "SUCCESS" == send(world, ear, "Create")["Status"]
    value = world.secrets.value(world.arn)
    assert ("first", "first") == (value["value"], value["previous"])
    assert 32 == len(value["next"])
    assert "SUCCESS" == send(world, ear, "Update")["Status"]
    assert value == world.secrets.value(world.arn)
