"""Requirement R2 at real servers: logins end with the lease, and a fence lets nobody of the application in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError  # type: ignore[import-untyped]
from rotation.database import HOST
from rotation.database import Database as Place

# The servers are those of rotations.
from rotation.postgresql_fixtures import authority, database, servers, trusted

from region_guard import settings
from region_guard.action import Beat, Fence, State
from region_guard.database import Database
from shared import heartbeat
from shared.login import Login
from shared.postgresql_administrator import administering
from shared.postgresql_connection import Endpoint, Session
from shared.postgresql_names import quoted

__all__ = ["authority", "database", "servers", "trusted"]

REGION = "us-west-2"
LONG = 3600.0


@pytest.fixture
def place(database: Place) -> Place:
    """A database whose administrator has what RDS's has, and no heartbeat yet."""
    administrator = database.administrator.username
    superuser = database.servers.primary.login
    for statement in (
        f"GRANT pg_monitor, pg_signal_backend TO {administrator}",
        f"GRANT CREATE ON DATABASE postgres TO {administrator}",
    ):
        superuser.execute(statement)
    _in_postgres(database, "DROP SCHEMA IF EXISTS understudy CASCADE")
    return database


def _in_postgres(place: Place, statement: str) -> list[list[object]]:
    return replace(place.servers.primary.login, database="postgres").execute(statement)


@contextmanager
def guarded(place: Place, *, replica: bool = False) -> Iterator[Database]:
    """As a look has it, by TLS and as the administrator."""
    port = (place.servers.replica if replica else place.servers.primary).login.port
    told = settings.Database(HOST, port, place.name, place.first, "arn")
    with administering(
        Endpoint(HOST, port), place.administrators, heartbeat.DATABASE, limits=heartbeat.BRISK
    ) as session:
        yield Database(told, REGION, session)


def beats(place: Place, ends: float | None, *, lift: bool = True, epoch: int = 1) -> bool:
    """One beat by a look of its own."""
    with guarded(place) as database:
        return database.beat(database.state(), Beat(epoch, ends, lift=lift))


def fences(place: Place, because: str = "taken") -> int:
    """One fence by a look of its own; how many sessions it left."""
    with guarded(place) as database:
        return database.fence(database.state(), Fence(because), now=time.time()).sessions  # type: ignore[arg-type]


def state(place: Place, *, replica: bool = False) -> State:
    """As a look finds it."""
    with guarded(place, replica=replica) as database:
        return database.state()


def let_in(place: Place, login: Login, *, replica: bool = False) -> bool:
    """Whether the server takes the application's login."""
    try:
        with place.connected(login, replica=replica) as connection:
            return bool([[1]] == connection.run("SELECT 1"))
    except (DatabaseError, InterfaceError) as failure:
        if failure.args[0]["C"] not in {"28P01", "53300"}:
            raise
        return False


@contextmanager
def ended(place: Place, *logins: Login) -> Iterator[list[Any]]:
    """Sessions of `logins` in the application's database, which the server ends meanwhile."""
    with ExitStack() as stack:
        sessions = []
        for login in logins:
            # Closing says that it is closed.
            stack.enter_context(suppress(InterfaceError))
            sessions.append(stack.enter_context(place.connected(login)))
        yield sessions


def wait(until: Callable[[], bool]) -> None:
    """For something that takes moments."""
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def limit(place: Place) -> int:
    """Of connections to the application's database."""
    ((found,),) = place.by_hand(f"SELECT datconnlimit FROM pg_database WHERE datname = '{place.name}'")
    return int(found)


def test_R2_logins_end_with_the_lease_here_and_at_the_replica(place: Place) -> None:
    """By the server itself: nobody has to run for it."""
    login = place.established()
    assert beats(place, time.time() + LONG)
    place.replayed()
    assert let_in(place, login)
    assert let_in(place, login, replica=True)
    assert beats(place, time.time() - 0.1)
    assert not let_in(place, login)
    wait(lambda: not let_in(place, login, replica=True))
    assert beats(place, time.time() + LONG)
    assert let_in(place, login)
    wait(lambda: let_in(place, login, replica=True))


def test_R2_a_server_that_comes_back_from_the_dark_takes_nobody(place: Place) -> None:
    """From its first moment, whoever is or is not there to fence it."""
    login = place.established()
    assert beats(place, time.time() + 1.5)
    assert let_in(place, login)
    primary = place.servers.primary
    primary.stop()
    time.sleep(1.6)
    primary.start()
    assert not let_in(place, login)
    assert beats(place, time.time() + LONG)
    assert let_in(place, login)


def test_R2_a_fence_ends_the_sessions_of_both_users_and_no_others(place: Place) -> None:
    """The administrator's and the replica's go on; the limit that was set comes back with the lift."""
    first = place.established()
    second = place.rotated(first)
    place.by_hand(f"ALTER DATABASE {quoted(place.name)} CONNECTION LIMIT 17")
    assert beats(place, time.time() + LONG)
    with ended(place, first, second) as both, place.connected(place.administrator) as administrator:
        for connection in both:
            connection.run("SELECT 1")
        assert 0 == fences(place)
        for connection in both:
            with pytest.raises((DatabaseError, InterfaceError)):
                connection.run("SELECT 1")
        assert [[1]] == administrator.run("SELECT 1")
    assert [False, False] == [let_in(place, login) for login in (first, second)]
    assert (0, "taken") == (limit(place), state(place).fenced)
    place.replayed()
    assert 0 == fences(place)
    assert beats(place, time.time() + LONG)
    assert (17, None) == (limit(place), state(place).fenced)
    assert [True, True] == [let_in(place, login) for login in (first, second)]


def test_R2_a_session_in_another_database_ends_too(place: Place) -> None:
    """The application may have come in anywhere; somebody else's sessions there go on."""
    login = place.established()
    place.servers.primary.login.execute(f"GRANT CONNECT ON DATABASE postgres TO {quoted(place.names.owner)}")
    elsewhere = replace(place, name="postgres")
    with ended(elsewhere, login) as (connection,):
        connection.run("SELECT 1")
        assert 0 == fences(place)
        with pytest.raises((DatabaseError, InterfaceError)):
            connection.run("SELECT 1")


def test_R2_a_beat_that_began_before_a_fence_does_nothing(place: Place) -> None:
    """It would let in whom the fence shut out."""
    login = place.established()
    assert beats(place, time.time() + LONG)
    with guarded(place) as late:
        found = late.state()
        fences(place, "handover")
        assert not late.beat(found, Beat(1, time.time() + LONG, lift=True))
    assert not let_in(place, login)
    assert "handover" == state(place).fenced
    assert state(place).ends <= time.time()


def test_R2_a_beat_without_an_end_leaves_logins_as_they_are(place: Place) -> None:
    """Nothing was granted: the heartbeat says that the database is there, and nothing more."""
    place.established()
    end = time.time() + LONG
    assert beats(place, end)
    before = state(place)
    assert beats(place, None, lift=False)
    after = state(place)
    assert before.beat + 1 == after.beat
    assert pytest.approx(end) == after.ends


def test_R2_without_a_witness_logins_have_no_end(place: Place) -> None:
    """Even where they had one, of a witness that the spec names no more."""
    login = place.established()
    assert beats(place, time.time() - 1)
    assert not let_in(place, login)
    assert beats(place, inf)
    assert let_in(place, login)
    assert inf == state(place).ends


def test_R2_a_database_before_its_first_login_has_a_heartbeat(place: Place) -> None:
    """And a fence; there are no roles yet."""
    assert beats(place, time.time() + LONG)
    assert inf == state(place).ends
    assert 0 == fences(place)
    login = place.established
    with pytest.raises(Exception, match="no connection left"):
        login()
    assert beats(place, time.time() + LONG)
    assert let_in(place, place.established())


def test_R2_the_heartbeat_reaches_the_replica(place: Place) -> None:
    """With region, epoch and number; nothing is written there."""
    place.established()
    assert beats(place, time.time() + LONG, epoch=4)
    place.replayed()
    with guarded(place, replica=True) as database:
        found = heartbeat.last(database.session)
        assert found is not None
        assert (REGION, 4, 1) == (found.region, found.epoch, found.number)
        assert abs(time.time() - found.written_at.timestamp()) < 20
        assert not database.state().writable


def test_R2_an_end_that_somebody_gave_a_login_is_kept(place: Place) -> None:
    """A person's, who is a member of the owner role: sooner than the lease it stays, and it comes back when the lease is later."""
    place.established()
    owner, person = quoted(place.names.owner), quoted(f"person_{place.name}")
    place.by_hand(f"SET ROLE {place.administrator.username}", f"CREATE ROLE {person} LOGIN VALID UNTIL '2020-01-01'")
    place.by_hand(f"GRANT {owner} TO {person}")
    assert beats(place, time.time() + LONG)
    assert [["2020-01-01 00:00:00+00"]] == _end_of(place, person)
    soon = time.time() + 2 * LONG
    place.by_hand(f"ALTER ROLE {person} VALID UNTIL '{time.strftime('%Y-%m-%d %H:%M:%S+00', time.gmtime(soon))}'")
    assert beats(place, time.time() + LONG)
    assert beats(place, time.time() + 2 * LONG + 60)
    assert [[time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(soon))]] == _end_of(place, person)


def _end_of(place: Place, role: str) -> list[list[object]]:
    return place.by_hand(
        "SET timezone = 'UTC'",
        f"SELECT rolvaliduntil::text FROM pg_roles WHERE quote_ident(rolname) = '{role.strip(chr(34))}'",
    )


def test_R2_logins_rotate_under_a_lease(place: Place) -> None:
    """While the guard goes on beating."""
    current = place.established()
    for _ in range(3):
        assert beats(place, time.time() + LONG)
        current = place.rotated(current)
        assert beats(place, time.time() + LONG)
        assert let_in(place, current)
        assert state(place).ends == pytest.approx(time.time() + LONG, abs=30)
    assert beats(place, time.time() - 1)
    assert not let_in(place, current)


@pytest.mark.parametrize("fencing", [False, True], ids=["lift", "fence"])
def test_R2_a_guard_that_dies_anywhere_is_followed_by_one_that_finishes(
    place: Place, monkeypatch: pytest.MonkeyPatch, *, fencing: bool
) -> None:
    """Before each statement: nothing is half done, and the next look ends where this one would have."""
    login = place.established()
    number, died = 0, True
    whole = Session.run
    while died:
        (beats if fencing else lambda place, _: fences(place))(place, time.time() + LONG)
        number += 1
        left = iter(range(number))

        def run(session: Session, statement: str, left: Iterator[int] = left, **values: object) -> list[list[object]]:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return whole(session, statement, **values)

        monkeypatch.setattr(Session, "run", run)
        try:
            fences(place) if fencing else beats(place, time.time() + LONG)
            died = False
        except KeyboardInterrupt:
            pass
        monkeypatch.setattr(Session, "run", whole)
        wait(lambda: _settled(place))
        assert let_in(place, login) is (limit(place) != 0)
        fences(place) if fencing else beats(place, time.time() + LONG)
        assert let_in(place, login) is not fencing
    assert number > 8


def _settled(place: Place) -> bool:
    """Whether the server has noticed that the client is gone."""
    return [[0]] == place.servers.primary.login.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'understudy-recovery'"
    )
