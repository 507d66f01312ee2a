"""A function that dies anywhere leaves what its next run finishes.

Every call to AWS and every effect on the server is a point, once before and once after it; `make test` has a sample of how
users alternate and what comes next. What comes next is a retry of the
same attempt or a new one. The servers are real in the matrices of the engines; here one in memory stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any

import pytest
from crash_matrix import MakeRow, died
from killing import Killed, watched
from rotation.world import FUNCTION_SECONDS, Users, World

from secret_rotation.administrators import administrators
from shared import clock
from shared.told import Told

SERVER = "one in memory"
USERS: tuple[Users, ...] = ("alternating", "single", "two passwords")


def resumed(world: World, token: str) -> None:
    """The same attempt again."""
    world.rotate(token)


def anew(world: World, _: str) -> None:
    """Another attempt, next month."""
    world.rotate()


def sampled(cases: Iterable[tuple[Any, ...]], *sample: tuple[Any, ...]) -> list[Any]:
    """All cases, of which `make test` runs `sample` alone."""
    return [pytest.param(*case, marks=() if case in sample else pytest.mark.full) for case in cases]


def points(call: Callable[[], object]) -> list[str]:
    """Names of what happens in `call`."""
    with watched() as calls:
        call()
    return calls.made


@pytest.mark.parametrize(
    ("users", "then", "after"),
    sampled(
        product(USERS, (resumed, anew), (False, True)),
        ("alternating", resumed, True),
        ("single", anew, True),
        ("two passwords", anew, False),
    ),
)
def test_in_a_rotation(
    world: World, crash_row: MakeRow, users: Users, then: Callable[[World, str], None], *, after: bool
) -> None:
    """The secret works at once, or the administrator's pending one does; and the next run ends as if nothing had been."""
    row = crash_row(SERVER, users, "a rotation")
    world.begin(users)
    made = points(world.rotate)
    assert {"server.write", "server.test", "secretsmanager.UpdateSecretVersionStage"} <= {
        name.lower() if name.startswith("server") else name.replace("Secrets Manager", "secretsmanager")
        for name in made
    }, made
    for kill_at, name in enumerate(made):
        world.begin(users)
        token = world.secrets.begin(world.arn)
        died(row, kill_at)
        with watched(kill_at, after=after), pytest.raises(Killed):
            world.rotate(token)
        if users == "single":
            world.administrator_arn = world.arn
            assert any(world.server.takes(login) for login in administrators(world.settings())()), name
            world.administrator_arn = ""
        else:
            assert world.server.takes(world.current()), name
        assert world.server.live <= 2, name
        then(world, token)
        world.check()
        assert {"status": "SUCCEEDED"} == world.retire(), name
        world.check(logins=1)


@pytest.mark.parametrize(
    ("users", "after"), sampled(product(USERS, (False, True)), ("alternating", True), ("two passwords", False))
)
def test_in_a_rotation_that_is_retired_next(world: World, crash_row: MakeRow, users: Users, *, after: bool) -> None:
    """Whenever the refresh asks, no login that somebody needs is ended, and what is left of the rotation can go on."""
    row = crash_row(SERVER, users, "a rotation that is retired next")
    world.begin(users)
    for kill_at, name in enumerate(points(world.rotate)):
        world.begin(users)
        token = world.secrets.begin(world.arn)
        died(row, kill_at)
        with watched(kill_at, after=after), pytest.raises(Killed):
            world.rotate(token)
        world.retire()
        assert users == "single" or world.server.takes(world.current()), name
        world.rotate(token)
        world.check()


@pytest.mark.parametrize(
    ("users", "after"), sampled(product(USERS, (False, True)), ("alternating", True), ("two passwords", False))
)
def test_in_a_retirement(world: World, crash_row: MakeRow, users: Users, *, after: bool) -> None:
    """The current login works all the while. Asked again it ends; a rotation that comes instead works too."""
    row = crash_row(SERVER, users, "a retirement")

    def begin() -> None:
        world.begin(users)
        world.rotate()

    begin()
    for kill_at, name in enumerate(points(world.retire)):
        for once_more in (world.retire, partial(world.rotate, None)):
            begin()
            died(row, kill_at)
            with watched(kill_at, after=after), pytest.raises(Killed):
                world.retire()
            assert world.server.takes(world.current()), name
            # What the dead has left holds until it would have been stopped.
            world.moved += FUNCTION_SECONDS + 1
            once_more()
            world.rotate()
            world.check()
            assert {"status": "SUCCEEDED"} == world.retire()
            world.check(logins=1)


@pytest.mark.parametrize("after", [pytest.param(False, marks=pytest.mark.full), True])
def test_while_a_rejected_password_is_given_up(world: World, crash_row: MakeRow, *, after: bool) -> None:
    """It is given up by whoever comes next, and is never tried once more by the server's leave."""
    row = crash_row(SERVER, "alternating", "a rotation whose password is rejected")
    world.begin()
    before = world.current()

    def rejected() -> None:
        world.server.rejects = lambda password: password != before.password
        with pytest.raises(Told, match="was given up"):
            world.rotate()

    for kill_at, name in enumerate(points(rejected)):
        world.begin()
        world.server.rejects = lambda password: password != before.password
        token = world.secrets.begin(world.arn)
        died(row, kill_at)
        with watched(kill_at, after=after), pytest.raises(Killed):
            world.rotate(token)
        with pytest.raises(Told, match=r"was given up|is not pending"):
            world.rotate(token)
        assert world.secrets.labelled(world.arn, "AWSPENDING") is None, name
        assert world.server.takes(world.current()), name
        world.server.rejects = lambda _: False
        world.resume()
        world.check()


@pytest.mark.parametrize("after", [pytest.param(False, marks=pytest.mark.full), True])
def test_with_tasks_that_move(world: World, crash_row: MakeRow, *, after: bool) -> None:
    """A rotation that died between becoming current and saying so: who started in between is moved before anything ends."""
    row = crash_row(SERVER, "alternating", "a rotation, with tasks that start meanwhile")
    world.begin()
    for kill_at, name in enumerate(points(world.rotate)):
        world.begin()
        world.moved += 5
        world.tasks = [clock.epoch()]
        held = [world.current()]
        world.moved += 5
        token = world.secrets.begin(world.arn)
        died(row, kill_at)
        with watched(kill_at, after=after), pytest.raises(Killed):
            world.rotate(token)
        world.moved += 5
        world.tasks.append(clock.epoch())
        held.append(world.current())
        world.moved += 5
        for _ in range(2):
            # Somebody retries the attempt, begins another, and asks for the retirement, before tasks have moved.
            for call in (partial(world.rotate, token), world.rotate, world.retire):
                with suppress(Told):
                    call()
                assert all(world.server.takes(login) for login in held), name
        world.replace_tasks()
        world.rotate()
        world.check()
