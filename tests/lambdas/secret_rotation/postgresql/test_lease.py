"""Rotation in a region that writes by a lease: no login is good for longer than the region may write."""

from __future__ import annotations

import pytest
from rotation.database import Database

from shared.login import Login
from shared.postgresql_names import quoted
from shared.told import Told


def _lease(database: Database, end: str) -> None:
    """What the region's guard says of every login."""
    for role in database.names.all:
        if database.by_hand(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):
            database.by_hand(f"ALTER ROLE {quoted(role)} VALID UNTIL '{end}'")


def _ends(database: Database) -> dict[str, str]:
    names = ", ".join(f"'{name}'" for name in database.names.users)
    rows = database.by_hand(f"SELECT rolname, rolvaliduntil::text FROM pg_roles WHERE rolname IN ({names})")
    return dict(map(tuple, rows))


def test_R2_a_new_login_ends_with_the_lease(database: Database) -> None:
    """The second user's, which was never given an end."""
    current = database.established()
    assert {current.username: "infinity"} == _ends(database)
    _lease(database, "2100-01-01 00:00:00+00")
    pending = database.rotated(current)
    assert {"2100-01-01 00:00:00+00"} == set(_ends(database).values())
    assert database.valid(pending)


def test_R2_without_a_lease_a_login_has_no_end(database: Database) -> None:
    """As it always was; and again once the lease is gone."""
    current = database.established()
    _lease(database, "2100-01-01 00:00:00+00")
    current = database.rotated(current)
    _lease(database, "infinity")
    pending = database.rotated(current)
    assert {"infinity"} == set(_ends(database).values())
    assert database.valid(pending)


def test_R2_where_the_lease_has_ended_nothing_is_rotated(database: Database) -> None:
    """A password that could not work is not taken for a bad one, and goes on as it was afterwards."""
    current = database.established()
    _lease(database, "2020-01-01 00:00:00+00")
    assert not database.valid(current)
    engine = database.engine()
    pending = engine.following(current)
    with pytest.raises(Told, match="lease has ended") as raised:
        engine.use(current, pending)
    assert Told is type(raised.value)
    with pytest.raises(Told, match="lease has ended"):
        engine.establish(current)
    _lease(database, "2100-01-01 00:00:00+00")
    engine.use(current, pending)
    engine.test(pending)
    assert database.valid(current)


@pytest.mark.parametrize("name", ["we'ird %s \\user", 'quo"ted: $$ name'])
def test_a_name_is_no_statement(database: Database, name: str) -> None:
    """Whatever is in it."""
    login = Login(name, "a-password")
    database.first = name
    database.engine().establish(login)
    assert database.valid(login)
