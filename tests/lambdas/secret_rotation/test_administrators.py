"""Who may change logins at a server is known through every moment of the administrator's own rotation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rotation.secrets_manager import STEPS
from rotation.world import World

from secret_rotation.administrators import administrators
from shared.login import Login
from shared.told import Told


def logins(world: World) -> Iterator[Login]:
    """That an engine would try."""
    return administrators(world.settings())()


@pytest.mark.parametrize("done", range(5))
def test_in_the_middle_of_its_own_rotation(world: World, done: int) -> None:
    """After each step, the application's secret can rotate, and so can the administrator's own go on."""
    world.begin_administrator()
    token = world.secrets.begin(world.administrator_arn)
    for step in STEPS[:done]:
        world.step(step, token, arn=world.administrator_arn)
    world.rotate()
    world.check(logins=3)
    world.rotate(token, arn=world.administrator_arn)
    world.check(world.administrator_arn, logins=3)
    assert world.current(world.administrator_arn) == next(logins(world))


@pytest.mark.parametrize("label", ["AWSPENDING", "AWSPREVIOUS"])
@pytest.mark.parametrize("change", [{"host": "elsewhere.internal"}, {"username": "root"}])
def test_a_login_of_another_server_or_user_is_never_tried(world: World, label: str, change: dict[str, str]) -> None:
    """It is compared before anybody connects."""
    world.begin_administrator()
    other = {**world.secrets.value(world.administrator_arn), **change, "password": "of-another"}
    if label == "AWSPREVIOUS":
        good = world.secrets.value(world.administrator_arn)
        world.secrets.put(world.administrator_arn, other)
        world.secrets.put(world.administrator_arn, {**good, "password": "not-valid"})
    else:
        token = world.secrets.begin(world.administrator_arn)
        world.versions(world.administrator_arn).put_pending(token, other)
        world.server.passwords["administrator"] = ["not-known"]
    with pytest.raises(Told, match="every login of its administrator"):
        world.rotate()
    assert "of-another" not in [login.password for login in world.server.tried]
    assert 1 == len(list(logins(world)))


def test_a_password_that_was_put_back(world: World) -> None:
    """The previous one is tried too: somebody may have restored the server."""
    world.begin_administrator()
    world.rotate(arn=world.administrator_arn)
    world.server.passwords["administrator"] = ["as-created"]
    world.rotate()
    world.check(logins=3)


def test_nothing_is_read_that_is_not_needed(world: World) -> None:
    """Most of the time the first login works."""
    world.begin_administrator()
    assert world.current(world.administrator_arn) == next(logins(world))
    world.administrator_arn = ""
    with pytest.raises(Told, match="knows no administrator"):
        next(logins(world))
