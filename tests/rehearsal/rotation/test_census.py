"""How live logins are counted."""

from __future__ import annotations

import time

from rehearsal.rotation.census import Census
from shared.login import Login


def logins(number: int) -> list[Login]:
    """The oldest first."""
    return [Login("application", f"password-{each}") for each in range(number)]


def census_of(made: list[Login], live: set[Login]) -> Census:
    """Of a server that takes what is in `live`, now."""
    census = Census(lambda login: login in live)
    for login in made:
        census.know("application", login)
    return census


def test_the_newest_is_tried_first() -> None:
    """Only so were all that are found live at one moment."""
    made = logins(3)
    tried: list[Login] = []
    census = Census(lambda login: bool(tried.append(login)))  # type: ignore[func-returns-value]
    for login in made:
        census.know("application", login)
    census.live("application")
    assert made[::-1] == tried


def test_three_are_too_many() -> None:
    """It is said, and stays said."""
    made = logins(3)
    live = set(made)
    census = census_of(made, live)
    census.live("application")
    live.clear()
    census.live("application")
    assert 3 == census.most
    assert ["3 logins of application were live at once"] == census.wrongs


def test_an_old_one_is_found_before_long() -> None:
    """Of the older ones every look tries another; the last look tries all."""
    made = logins(10)
    census = census_of(made, {made[2], made[9]})
    assert [made[9], made[2]] == census.live("application", everything=True)
    assert any(made[2] in census.live("application") for _ in range(7))


def test_the_time_with_two_is_never_understated() -> None:
    """From the last look that found one to the first that finds one again."""
    made = logins(2)
    live = {made[0]}
    census = census_of(made, live)
    census.live("application")
    began = time.monotonic()
    time.sleep(0.05)
    live.add(made[1])
    census.live("application")
    time.sleep(0.05)
    live.remove(made[0])
    lasted = time.monotonic() - began
    census.live("application")
    assert census.longest_two >= lasted


def test_a_look_that_fails_is_told() -> None:
    """A server that cannot be asked has not said that all is well."""

    def fails(_: Login) -> bool:
        raise OSError("secret")

    census = Census(fails)
    census.know("application", logins(1)[0])
    census.start()
    deadline = time.monotonic() + 10
    while not census.wrongs and time.monotonic() < deadline:
        time.sleep(0.02)
    census.stop()
    assert "a login could not be tried: OSError" == census.wrongs[0]
