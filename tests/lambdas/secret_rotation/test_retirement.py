"""Older logins end when nobody needs them, and no sooner."""

from __future__ import annotations

import pytest
from rotation.secrets_manager import STEPS
from rotation.world import Users, World

from secret_rotation import retirement
from shared import clock
from shared.login import Login
from shared.told import Told


@pytest.mark.parametrize("users", ["alternating", "single", "two passwords"])
def test_while_a_task_holds_one(world: World, users: Users) -> None:
    """Both stay valid, and the answer says which task it is."""
    world.begin(users)
    world.tasks = [clock.epoch()]
    world.moved += 10
    before = world.current()
    world.tasks[0] += 5
    world.rotate()
    answer = world.retire()
    assert "WAITING" == answer["status"]
    assert "web in task" in answer["because"]
    assert (users != "single") == world.server.takes(before)
    world.replace_tasks()
    for _ in range(2):
        assert {"status": "SUCCEEDED"} == world.retire()
        world.check(logins=1)


@pytest.mark.parametrize("done", [1, 2, 3])
def test_while_a_rotation_is_on_its_way(world: World, done: int) -> None:
    """It would end the login that is about to be current."""
    token = world.secrets.begin(world.arn)
    for step in STEPS[:done]:
        world.step(step, token)
    answer = world.retire()
    assert "WAITING" == answer["status"]
    assert "is not finished" in answer["because"]
    world.rotate(token)
    world.check()


def test_a_rotation_that_waits_for_consumers(world: World) -> None:
    """Has no value yet, and has changed nothing: it does not keep older logins alive."""
    world.rotate()
    token = world.secrets.begin(world.arn)
    assert {"status": "SUCCEEDED"} == world.retire()
    assert 1 == world.server.live
    world.rotate(token)
    world.check()


def test_a_rotation_that_begins_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the first look and the label: the retirement withdraws."""
    world.rotate()
    obstacle, token = retirement._obstacle, world.secrets.begin(world.arn)

    def then_it_begins(*asked: object) -> str | None:
        found = obstacle(*asked)  # type: ignore[arg-type]
        world.step("createSecret", token)
        return found

    monkeypatch.setattr(retirement, "_obstacle", then_it_begins)
    assert "WAITING" == world.retire()["status"]
    assert 2 == world.server.live
    world.rotate(token)
    world.check()


def test_a_rotation_in_the_middle_of_it(world: World) -> None:
    """After the label: setSecret waits until older logins have ended, and then makes its own valid."""
    world.rotate()
    token = world.secrets.begin(world.arn)
    retire, begun = world.memory_engine().retire, []

    def meanwhile(current: Login) -> None:
        world.step("createSecret", token)
        began = clock.epoch()
        with pytest.raises(Told, match="being made invalid"):
            world.step("setSecret", token)
        begun.append(clock.epoch() - began)
        retire(current)

    world.instead["retire"] = meanwhile
    assert {"status": "SUCCEEDED"} == world.retire()
    world.instead.clear()
    assert begun[0] >= retirement.WAIT_SECONDS
    world.rotate(token)
    world.check()


def test_what_the_dead_have_left(world: World) -> None:
    """A label of a retirement that died holds nobody up for longer than the function could have run, and is cleared."""
    world.rotate()
    versions = world.versions()
    versions.retire_until(clock.epoch() + 100)
    assert "another call" in world.retire()["because"]
    token = world.secrets.begin(world.arn)
    with pytest.raises(Told, match="being made invalid"):
        world.rotate(token)
    world.moved += 100
    world.rotate(token)
    world.check()
    world.versions().retire_until(clock.epoch() - 1)
    world.moved += 5
    assert {"status": "SUCCEEDED"} == world.retire()
    world.check(logins=1)


def test_a_server_that_fails(world: World) -> None:
    """Holds nobody up afterwards."""
    world.rotate()
    world.server.down = True
    with pytest.raises(Told, match="does not answer"):
        world.retire()
    world.server.down = False
    world.check()
    assert {"status": "SUCCEEDED"} == world.retire()
    world.check(logins=1)


def test_a_label_that_a_dead_rotation_did_not_put(world: World) -> None:
    """Is put before anything else changes the secret."""
    world.rotate()
    for version, labels in world.secrets.labels(world.arn).items():
        for label in labels:
            if label.startswith("CURRENT_SINCE"):
                world.versions().detach(label, version)
    assert {"status": "SUCCEEDED"} == world.retire()
    world.check(logins=1)
