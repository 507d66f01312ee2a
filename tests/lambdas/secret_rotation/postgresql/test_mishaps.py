"""What people and machines do at the wrong moment: a sentence, the current login untouched, a clean next run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from rotation.database import Database, Servers

from secret_rotation import postgresql, postgresql_proof
from secret_rotation import postgresql_roles as roles
from shared.login import Login, Rejected, new_password
from shared.postgresql_connection import Session
from shared.postgresql_names import quoted
from shared.told import Told


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are as long as a test can bear."""
    monkeypatch.setattr(postgresql, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(postgresql, "ATTEMPTS", 2)
    monkeypatch.setattr(postgresql_proof, "REPLAY_SECONDS", 1.0)


def test_a_server_that_is_down(database: Database) -> None:
    """Nothing is known then, and nothing given up; the next run does everything."""
    current = database.established()
    engine = database.engine()
    pending = engine.following(current)
    away = database.engine(port=1)
    calls: tuple[Callable[[], None], ...] = (
        lambda: away.use(current, pending),
        lambda: away.test(pending),
        lambda: away.retire(pending),
        lambda: away.establish(pending),
    )
    for call in calls:
        with pytest.raises(Told, match="the connection was refused") as raised:
            call()
        assert not isinstance(raised.value, Rejected)
    engine.use(current, pending)
    engine.test(pending)


def test_a_replica_that_is_down(database: Database) -> None:
    """Consumers read there too, so the rotation waits for it."""
    current = database.established()
    with pytest.raises(Told, match="localhost:1: the connection was refused"):
        database.engine(readers=["localhost:1"]).test(current)


def test_a_name_that_does_not_resolve(database: Database) -> None:
    """As before the endpoint exists."""
    with pytest.raises(Told, match="its name does not resolve"):
        database.engine(host="nowhere.invalid").test(Login(database.first, new_password()))


def test_a_database_that_does_not_exist(database: Database) -> None:
    """Its name is told."""
    with pytest.raises(Told, match="has no database elsewhere"):
        database.engine(database="elsewhere").establish(Login(database.first, new_password()))


@pytest.mark.parametrize("dropped", ["first", "second", "both"])
def test_users_dropped_by_hand_are_made_anew(database: Database, dropped: str) -> None:
    """With all rights; the current one by the next rotation but one, or at once if somebody asks for it."""
    current = database.rotated(database.rotated(database.established()))
    database.run(current, "CREATE TABLE kept (id int)")
    users = database.names.users if dropped == "both" else (getattr(database.names, dropped),)
    for user in users:
        database.by_hand(f"DROP OWNED BY {quoted(user)}", f"DROP ROLE {quoted(user)}")
    database.engine().establish(current)
    newer = database.rotated(current)
    for login in (current, newer):
        database.run(login, "INSERT INTO kept VALUES (1)")
        database.run(login, "ALTER TABLE kept ALTER COLUMN id TYPE bigint")


def test_the_current_user_dropped_by_hand_does_not_stop_a_rotation(database: Database) -> None:
    """The other user is made anyway, and consumers get a login that works."""
    current = database.established()
    database.by_hand(f"DROP OWNED BY {quoted(current.username)}", f"DROP ROLE {quoted(current.username)}")
    assert database.valid(database.rotated(current))


def test_a_password_changed_by_hand_is_mended_by_the_next_rotation(database: Database) -> None:
    """Of the current user, so that nobody can log in; and of the other one."""
    current = database.established()
    database.by_hand(f"ALTER ROLE {quoted(current.username)} PASSWORD 'by hand'")
    assert not database.valid(current)
    newer = database.rotated(current)
    database.by_hand(f"ALTER ROLE {quoted(current.username)} PASSWORD 'by hand'")
    assert database.valid(database.rotated(newer))


def test_a_pending_password_changed_by_hand_is_rejected(database: Database) -> None:
    """Between two steps: no attempt with it can ever succeed."""
    current = database.established()
    pending = database.rotated(current)
    database.by_hand(f"ALTER ROLE {quoted(pending.username)} PASSWORD 'by hand'")
    with pytest.raises(Rejected, match="refuses the password"):
        database.engine().test(pending)
    assert database.valid(current)


def test_rights_that_a_pending_login_has_lost_are_given_again(database: Database) -> None:
    """Its password works, and stays; else the test would fail for ever."""
    current = database.established()
    pending = database.rotated(current)
    database.by_hand(f"REVOKE {quoted(database.names.owner)} FROM {quoted(pending.username)} CASCADE",
                     f"ALTER ROLE {quoted(pending.username)} IN DATABASE {quoted(database.name)} RESET role")  # fmt: skip
    with pytest.raises(Told, match="begins as"):
        database.engine().test(pending)
    database.engine().use(current, pending)
    database.engine().test(pending)


def test_an_expired_or_locked_user_is_mended(database: Database) -> None:
    """A rotation makes a login that works from now on."""
    current = database.rotated(database.rotated(database.established()))
    other = quoted(database.names.second)
    database.by_hand(f"ALTER ROLE {other} NOLOGIN VALID UNTIL '2000-01-01'")
    assert database.valid(database.rotated(current))


def test_a_password_that_the_server_does_not_take(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was set, and is refused right afterwards: it is given up, and the current login works."""
    current = database.established()
    engine = database.engine()
    pending = engine.following(current)
    monkeypatch.setattr(roles, "verifier", lambda _: "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy")
    with pytest.raises(Rejected):
        engine.use(current, pending)
    assert database.valid(current)


def test_a_value_that_the_server_refuses(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one that a module for passwords dislikes (passwordcheck raises invalid_parameter_value)."""
    current = database.established()
    engine = database.engine()
    run = Session.run

    def dislike(session: Session, statement: str, **values: Any) -> list[list[Any]]:
        if "PASSWORD" in statement:
            statement = "DO $$ BEGIN RAISE 'password is too easy' USING ERRCODE = '22023'; END $$"
        return run(session, statement, **values)

    monkeypatch.setattr(Session, "run", dislike)
    with pytest.raises(Rejected, match="password is too easy"):
        engine.use(current, engine.following(current))


def test_a_secret_changed_by_hand_meanwhile(database: Database) -> None:
    """The pending login would take the place of the current one: refused before anything is done."""
    current = database.rotated(database.established())
    with pytest.raises(Told, match="cannot follow"):
        database.engine().use(current, Login(current.username, new_password()))
    assert database.valid(current)


def test_no_login_of_the_administrator_works(database: Database) -> None:
    """Said without any of them."""
    current = database.established()
    wrong = [Login(database.administrator.username, new_password()) for _ in range(3)]
    database.administrators = wrong
    engine = database.engine()
    with pytest.raises(Told, match="No login of the administrator is taken") as raised:
        engine.use(current, engine.following(current))
    assert not any(login.password in str(raised.value) for login in wrong)
    database.administrators = []
    with pytest.raises(Told, match="there is none to try"):
        engine.use(current, engine.following(current))


def test_retirement_needs_a_current_login_that_works(database: Database) -> None:
    """The other one may be all that consumers have."""
    current = database.established()
    newer = database.rotated(current)
    database.by_hand(f"ALTER ROLE {quoted(newer.username)} PASSWORD 'by hand'")
    with pytest.raises(Told, match="no other one was made invalid"):
        database.engine().retire(newer)
    assert database.valid(current)


def test_a_standby_in_the_primarys_place(database: Database) -> None:
    """As during a failover, while a name still leads to the old primary: nothing was changed, and it is said."""
    current = database.established()
    database.replayed()
    engine = database.engine(port=database.servers.replica.login.port)
    pending = engine.following(current)
    administers = database.engine("administrator", port=database.servers.replica.login.port)
    following = administers.following(database.administrator)
    calls: tuple[Callable[[], None], ...] = (
        lambda: engine.use(current, pending),
        lambda: engine.test(current),
        lambda: engine.retire(current),
        lambda: administers.use(database.administrator, following),
        lambda: administers.test(database.administrator),
    )
    for call in calls:
        with pytest.raises(Told, match="is a standby or takes no changes") as raised:
            call()
        assert not isinstance(raised.value, Rejected)
    assert (True, True) == (database.valid(current), database.valid(database.administrator))


def test_a_primary_that_goes_away_in_the_middle(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connections break before the change is complete: nothing of it is left, and the next run does it."""
    current = database.established()
    engine = database.engine()
    pending = engine.following(current)
    run = Session.run

    def cut(session: Session, statement: str, **values: Any) -> list[list[Any]]:
        if "PASSWORD" in statement:
            ((own,),) = run(session, "SELECT pg_backend_pid()")
            database.by_hand(f"SELECT pg_terminate_backend({own})")
            time.sleep(0.2)
        return run(session, statement, **values)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "run", cut)
        with pytest.raises(Told, match=r"is being shut down|the connection was (lost|closed)"):
            engine.use(current, pending)
    assert (True, False) == (database.valid(current), database.valid(pending))
    engine.use(current, pending)
    assert database.valid(pending)


def test_a_replica_that_lags_is_waited_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment later it has the login."""
    monkeypatch.setattr(postgresql_proof, "REPLAY_SECONDS", 20.0)
    current = database.established()
    database.replayed()
    replica = database.servers.replica
    replica.pause_replay()
    timer = threading.Timer(1.0, replica.resume_replay)
    try:
        engine = database.engine()
        pending = engine.following(current)
        engine.use(current, pending)
        timer.start()
        engine.test(pending)
    finally:
        timer.join()
        replica.resume_replay()


def test_a_replica_that_lags_too_long_fails_the_test_and_not_the_password(database: Database) -> None:
    """The password may be good: the next attempt tests it again."""
    current = database.established()
    database.replayed()
    replica = database.servers.replica
    replica.pause_replay()
    try:
        engine = database.engine()
        pending = engine.following(current)
        engine.use(current, pending)
        with pytest.raises(Told, match="has not replayed the new login in time") as raised:
            engine.test(pending)
        assert not isinstance(raised.value, Rejected)
    finally:
        replica.resume_replay()
    database.replayed()
    engine.test(pending)


def test_a_table_that_somebody_is_at_work_on(database: Database) -> None:
    """It can change hands only once nobody uses it: the rotation gives up soon, and consumers hardly wait for it."""
    current = database.established()
    with database.connected(current) as connection:
        connection.run("SET ROLE NONE")
        connection.run("CREATE TABLE busy (id int)")
        connection.run("BEGIN")
        connection.run("INSERT INTO busy VALUES (1)")
        engine = database.engine()
        pending = engine.following(current)
        with pytest.raises(Told, match="a long transaction is at work"):
            engine.use(current, pending)
        assert not database.valid(pending)
        connection.run("COMMIT")
    engine.use(current, pending)
    engine.test(pending)


def test_two_rotations_at_once(database: Database) -> None:
    """Changes of users and rights come one after the other, and both rotations succeed."""
    current = database.established()
    engine = database.engine()
    pending = [engine.following(current) for _ in range(2)]
    failures: list[BaseException] = []

    def use(login: Login) -> None:
        try:
            database.engine().use(current, login)
        except BaseException as failure:  # noqa: BLE001 - shown by the test
            failures.append(failure)

    threads = [threading.Thread(target=use, args=(login,)) for login in pending]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whose password came first may find the other one's there when it looks.
    assert all(isinstance(failure, Rejected) for failure in failures), failures
    assert (True, 1) == (database.valid(current), sum(map(database.valid, pending)))


@pytest.mark.full
def test_a_function_that_was_frozen_in_the_middle(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection stands and holds locks until the server ends it; the next run waits for that, and goes through."""
    monkeypatch.setattr(postgresql, "PAUSE_SECONDS", 1.0)
    monkeypatch.setattr(postgresql, "ATTEMPTS", 5)
    current = database.established()
    engine = database.engine()
    pending = engine.following(current)
    with closing(database.servers.primary.login.connect()) as held:
        held.run("SELECT 1")
        with database.connected(database.administrator) as frozen:
            frozen.run("SET idle_in_transaction_session_timeout = '10s'")
            frozen.run("BEGIN")
            frozen.run(f"SELECT pg_advisory_xact_lock({postgresql.LOCK})")
            engine.use(current, pending)
    assert database.valid(pending)


def test_a_user_whom_somebody_else_made(database: Database, servers: Servers) -> None:
    """Since 16 the administrator has no power over it: said, and nothing is changed; before, it is taken over."""
    password = new_password()
    login = Login(database.first, password)
    database.by_hand(f"CREATE ROLE {quoted(login.username)} LOGIN PASSWORD '{password}'")
    ((version,),) = servers.primary.login.execute("SELECT current_setting('server_version_num')::int")
    if version < 160000:
        database.engine().establish(login)
        database.engine().test(login)
    else:
        with pytest.raises(Told, match="permission denied to grant role"):
            database.engine().establish(login)
        assert database.valid(login)
