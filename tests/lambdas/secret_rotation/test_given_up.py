"""A pending value that never will be current is not tried for ever, and something else in the way is named."""

from __future__ import annotations

import pytest
from rotation.secrets_manager import STEPS
from rotation.world import Users, World

from shared.told import Told


@pytest.mark.parametrize("users", ["alternating", "single", "two passwords"])
def test_a_password_that_the_server_rejects(world: World, users: Users) -> None:
    """Its version is given up for good; the next rotation makes another password."""
    world.begin(users)
    before = world.current()
    world.server.rejects = lambda password: password != before.password
    token = world.secrets.begin(world.arn)
    with pytest.raises(Told, match=r"does not take the password\. Version .* was given up.*makes another one"):
        world.rotate(token)
    assert world.secrets.labelled(world.arn, "AWSPENDING") is None
    assert world.server.takes(before)
    world.server.rejects = lambda _: False
    rejected = world.secrets.value(world.arn, token)["password"]
    for _ in range(2):
        world.secrets.begin(world.arn, token)
        for step in STEPS:
            with pytest.raises(Told, match="was given up"):
                world.step(step, token)
        assert world.secrets.labelled(world.arn, "AWSPENDING") is None
    assert rejected not in world.server.passwords["application"]
    world.resume()
    world.check()
    assert rejected != world.current().password


@pytest.mark.parametrize("done", [1, 2, 3])
@pytest.mark.parametrize(
    "change",
    [{"dbname": "another"}, {"username": "application_clone", "password": "by-hand"}, {"added": [1]}],
    ids=["place", "user", "key"],
)
def test_a_secret_that_was_changed_by_hand(world: World, change: dict[str, object], done: int) -> None:
    """After `done` steps: the pending value would undo the change. The next rotation starts from what stands there now."""
    token = world.secrets.begin(world.arn)
    for step in STEPS[:done]:
        world.step(step, token)
    changed = {**world.secrets.value(world.arn), **change}
    world.secrets.put(world.arn, changed)
    world.server.passwords[str(changed["username"])] = [str(changed["password"])]
    with pytest.raises(Told, match="The secret was changed after this value was made for it"):
        world.step(STEPS[done], token)
    assert changed == world.secrets.value(world.arn)
    assert world.server.takes(world.current())
    world.resume()
    world.check()
    kept = {name: value for name, value in changed.items() if name not in ("username", "password")}
    assert kept.items() <= world.secrets.value(world.arn).items()


def test_a_password_that_was_changed_by_hand(world: World) -> None:
    """Another user is pending: it still fits."""
    token = world.secrets.begin(world.arn)
    world.step("createSecret", token)
    world.secrets.put(world.arn, {**world.secrets.value(world.arn), "password": "by-hand"})
    world.server.passwords["application"] = ["by-hand"]
    world.rotate(token)
    world.check()


def test_a_pending_value_that_somebody_wrote(world: World) -> None:
    """And that cannot be read: given up, and nothing of it in the sentence."""
    for written in (
        "very-secret",
        '["very-secret"]',
        '{"username": "application_clone"}',
        '{"password": "very-secret"}',
    ):
        token = world.secrets.begin(world.arn)
        world.secrets.secret(world.arn).versions[token]["secret_string"] = written
        with pytest.raises(Told, match="was given up") as told:
            world.rotate(token)
        assert "very-secret" not in str(told.value)
    world.rotate()
    world.check()


@pytest.mark.parametrize(
    "value", ["very-secret", "[]", "{}", '{"username": "application"}', '{"username": 1, "password": 2}']
)
def test_a_current_value_that_cannot_be_read(world: World, value: str) -> None:
    """Says so; nothing becomes of the rotation until somebody mends it."""
    current = world.secrets.labelled(world.arn, "AWSCURRENT") or ""
    good = world.secrets.secret(world.arn).versions[current]["secret_string"]
    world.secrets.secret(world.arn).versions[current]["secret_string"] = value
    token = world.secrets.begin(world.arn)
    with pytest.raises(Told, match=r"is no JSON object|holds no user name and password"):
        world.rotate(token)
    world.secrets.secret(world.arn).versions[current]["secret_string"] = good
    world.rotate(token)
    world.check()


@pytest.mark.parametrize("done", [1, 2, 3])
def test_a_server_that_is_down(world: World, done: int) -> None:
    """Leaves the rotation where it is, to be resumed."""
    token = world.secrets.begin(world.arn)
    for step in STEPS[:done]:
        world.step(step, token)
    world.server.down = True
    with pytest.raises(Told, match=r"does not answer|refuses"):
        world.step(STEPS[done], token)
    world.server.down = False
    assert token == world.secrets.labelled(world.arn, "AWSPENDING")
    world.resume()
    assert token == world.secrets.labelled(world.arn, "AWSCURRENT")
    world.check()


@pytest.mark.parametrize("done", [1, 2, 3])
@pytest.mark.parametrize("dropped", ["application", "application_clone"])
def test_a_user_that_was_dropped_by_hand(world: World, dropped: str, done: int) -> None:
    """Is made again: by the same attempt if it was the pending one."""
    world.rotate()
    world.rotate()
    token = world.secrets.begin(world.arn)
    for step in STEPS[:done]:
        world.step(step, token)
    world.server.passwords.pop(dropped)
    try:
        world.rotate(token)
    except Told:
        world.rotate(token)
    world.check()


def test_somebody_else_finished_it(world: World) -> None:
    """AWS refuses to move the label from a version that has lost it; nothing of AWS's answer but the code is told."""
    token = world.secrets.begin(world.arn)
    for step in STEPS[:-1]:
        world.step(step, token)
    test = world.server.takes

    def takes_a_while(login: object) -> bool:
        world.secrets.put(world.arn, {**world.secrets.value(world.arn), "password": "by-hand"})
        return test(login)  # type: ignore[arg-type]

    world.server.takes = takes_a_while  # type: ignore[method-assign]
    with pytest.raises(Told, match="Unforeseen failure: UpdateSecretVersionStage: InvalidParameterException") as told:
        world.step("finishSecret", token)
    world.server.takes = test  # type: ignore[method-assign]
    assert told.value.__context__ is None
    assert "by-hand" == world.current().password
