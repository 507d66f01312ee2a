"""The four steps, in whatever order and however often they come."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rotation.secrets_manager import STEPS
from rotation.world import REFRESH_ARN, Users, World

from secret_rotation.handler import handler
from shared import aws, clock
from shared.secret_versions import current_since
from shared.told import Told


@pytest.mark.parametrize("users", ["alternating", "single", "two passwords"])
def test_a_rotation(world: World, users: Users) -> None:
    """Ends with a login that works, beside the one before; what the secret says besides is kept."""
    world.begin(users)
    before, value = world.current(), world.secrets.value(world.arn)
    token = world.rotate()
    world.check()
    after = world.current()
    assert token == world.secrets.labelled(world.arn, "AWSCURRENT")
    assert before.password != after.password
    assert ("application_clone" if users == "alternating" else "application") == after.username
    assert {**value, "username": after.username, "password": after.password} == world.secrets.value(world.arn)
    assert (users != "single") == world.server.takes(before)
    assert {"status": "SUCCEEDED"} == world.retire()
    world.check(logins=1)
    assert not world.server.takes(before)


def test_users_alternate(world: World) -> None:
    """The third rotation uses the first user again."""
    names = []
    for _ in range(3):
        world.rotate()
        world.check()
        names.append(world.current().username)
    assert ["application_clone", "application", "application_clone"] == names


def test_each_step_twice(world: World) -> None:
    """Changes nothing the second time: neither the value, nor labels, nor the server."""
    token = world.secrets.begin(world.arn)
    for step in STEPS:
        world.step(step, token)
        seen = (
            world.secrets.secret(world.arn).to_dict(),
            dict(world.server.passwords),
            world.secrets.labels(world.arn),
        )
        world.step(step, token)
        assert seen[1:] == (dict(world.server.passwords), world.secrets.labels(world.arn)), step
    value = world.secrets.value(world.arn)
    for step in STEPS:
        world.step(step, token)
    assert value == world.secrets.value(world.arn)
    world.check()


@pytest.mark.parametrize("step", ["setSecret", "testSecret", "finishSecret"])
def test_before_there_is_a_value(world: World, step: str) -> None:
    """Says which step comes first, and leaves the current login alone."""
    token = world.secrets.begin(world.arn)
    with pytest.raises(Told, match="createSecret comes first"):
        world.step(step, token)
    assert world.server.takes(world.current())
    world.rotate(token)
    world.check()


@pytest.mark.parametrize("step", ["testSecret", "finishSecret"])
def test_before_the_server_knows_the_value(world: World, step: str) -> None:
    """What nobody can log in with does not become current."""
    token = world.secrets.begin(world.arn)
    world.step("createSecret", token)
    with pytest.raises(Told, match="refuses application_clone"):
        world.step(step, token)
    assert world.server.takes(world.current())
    world.rotate(token)
    world.check()


@pytest.mark.parametrize("step", STEPS)
def test_a_token_that_is_no_version(world: World, step: str) -> None:
    """Is refused."""
    with pytest.raises(Told, match="is not pending"):
        world.step(step, str(uuid4()))


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_not_pending_any_more(world: World, step: str) -> None:
    """The previous one, say, never becomes current again by a late call."""
    first, second = world.rotate(), world.rotate()
    with pytest.raises(Told, match="is not pending"):
        world.step(step, first)
    assert second == world.secrets.labelled(world.arn, "AWSCURRENT")


@pytest.mark.parametrize("step", STEPS)
def test_rotation_that_is_not_enabled(world: World, step: str) -> None:
    """Is refused."""
    token = world.secrets.begin(world.arn)
    world.secrets.secret(world.arn).rotation_enabled = False
    with pytest.raises(Told, match="not enabled"):
        world.step(step, token)


def test_a_secret_of_somebody_else(world: World) -> None:
    """Is refused."""
    with pytest.raises(Told, match="does not rotate the secret"):
        world.secrets.rotate(world.secrets.create("other", {}), handler)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Step": "createSecret"},
        {"Step": "dropSecret", "SecretId": "x", "ClientRequestToken": "y"},
        {"Step": "createSecret", "SecretId": 7, "ClientRequestToken": "y"},
        {"Step": "createSecret", "SecretId": "x", "ClientRequestToken": ""},
        {"Step": "retire"},
        {"RequestType": "Create"},
        {"RequestType": "Grow", "StackId": "x"},
    ],
)
def test_an_event_that_is_none(world: World, event: dict[str, object]) -> None:
    """Is refused with what is wrong about it, and without a chain of exceptions."""
    with pytest.raises(Told, match="This is no request that a rotation function knows") as told:
        handler(event, object())
    assert told.value.__cause__ is None
    assert told.value.__context__ is None
    assert [] == world.server.tried


def test_rotation_is_switched_on(world: World) -> None:
    """Without rotating at once, Secrets Manager has the current value tested under the name of a pending one."""
    token = world.secrets.begin(world.arn)
    version = world.secrets.secret(world.arn).versions[token]
    version["secret_string"] = world.secrets.secret(world.arn).secret_string
    world.step("testSecret", token)
    assert [world.current()] == world.server.tried
    assert token == world.secrets.labelled(world.arn, "AWSPENDING")


def test_the_refresh_is_started_once(world: World) -> None:
    """And a state machine that does not exist yet is no failure."""
    world.rotate()
    states = aws.client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/x"
    states.create_state_machine(name=REFRESH_ARN.split(":")[-1], definition='{"StartAt": "Wait"}', roleArn=role)
    token = world.rotate()
    for _ in range(2):
        world.step("finishSecret", token)
    executions = states.list_executions(stateMachineArn=REFRESH_ARN)["executions"]
    assert [f"rotated-{token}"] == [execution["name"] for execution in executions]


def test_a_refresh_that_was_started_before(world: World) -> None:
    """And has ended, so that AWS refuses its name, is no failure."""
    states, role = aws.client("stepfunctions"), "arn:aws:iam::123456789012:role/x"
    states.create_state_machine(name=REFRESH_ARN.split(":")[-1], definition='{"StartAt": "Wait"}', roleArn=role)
    token = world.secrets.begin(world.arn)
    states.start_execution(stateMachineArn=REFRESH_ARN, name=f"rotated-{token}", input='{"another": 1}')
    world.rotate(token)
    world.check()


def test_since_when_it_is_current(world: World) -> None:
    """No earlier than the moment at which it became that, and no more than the second that a label rounds up."""
    token = world.secrets.begin(world.arn)
    for step in STEPS[:-1]:
        world.step(step, token)
    world.moved += 1000
    before = clock.epoch()
    world.step("finishSecret", token)
    assert before <= current_since(world.arn) <= clock.epoch() + 1


class TestConsumers:
    """Tasks that started with an older value."""

    def test_a_rotation_waits_for_them(self, world: World) -> None:
        """It would change the login that they hold. Once they are replaced, the same attempt goes on."""
        world.tasks = [clock.epoch()]
        world.moved += 10
        world.rotate()
        held = world.server.passwords["application"]
        token = world.secrets.begin(world.arn)
        with pytest.raises(Told, match=r"web in task.*Nothing was changed"):
            world.rotate(token)
        assert held == world.server.passwords["application"]
        with pytest.raises(KeyError):
            world.secrets.value(world.arn, token)
        world.replace_tasks()
        world.rotate(token)
        world.check()

    def test_a_first_rotation_waits_for_nobody(self, world: World) -> None:
        """Every task that there is started with the only value that there was."""
        world.moved += 5
        world.tasks = [clock.epoch()]
        world.moved += 5
        world.rotate()
        world.check()

    def test_they_are_asked_for_before_the_server_is_changed(self, world: World) -> None:
        """Somebody put another value between the first step and the second: who holds the one before may be cut off."""
        world.begin("two passwords")
        world.tasks = [clock.epoch()]
        token = world.secrets.begin(world.arn)
        world.tasks = [clock.epoch()]
        world.moved += 5
        world.step("createSecret", token)
        world.secrets.put(world.arn, {**world.secrets.value(world.arn), "password": "by-hand"})
        with pytest.raises(Told, match="have to be replaced first"):
            world.step("setSecret", token)
        assert ["as-created"] == world.server.passwords["application"]

    def test_a_value_that_somebody_put_back(self, world: World) -> None:
        """Leaves no label: who started since, with the value that is no longer current, is waited for."""
        first = world.rotate()
        world.moved += 10
        world.rotate()
        world.moved += 10
        world.tasks = [clock.epoch()]
        world.moved += 10
        current = world.secrets.labelled(world.arn, "AWSCURRENT")
        aws.client("secretsmanager").update_secret_version_stage(
            SecretId=world.arn, VersionStage="AWSCURRENT", RemoveFromVersionId=current or "", MoveToVersionId=first
        )
        assert "WAITING" == world.retire()["status"]
        token = world.secrets.begin(world.arn)
        with pytest.raises(Told, match="have to be replaced first"):
            world.rotate(token)
        world.replace_tasks()
        world.rotate(token)
        world.check()
