"""The life of logins: made, used beside each other, tested, retired."""

from __future__ import annotations

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from rotation.database import Database, Servers

from shared import postgresql_scram as scram
from shared.login import ALPHABET, Login, new_password
from shared.postgresql_names import quoted
from shared.told import Told


def test_what_the_secret_says_beside_the_login(database: Database) -> None:
    """Consumers find the database and its replicas; the administrator's secret has what RDS writes there."""
    place = {"engine": "postgres", "host": "localhost", "port": database.settings.port, "dbname": database.name}
    assert {**place, "readerHosts": database.settings.readers} == dict(database.engine().attributes())
    assert place == dict(database.engine("administrator").attributes())


def test_users_take_turns(database: Database) -> None:
    """The second user follows the first, and the first the second, each time with another password."""
    engine, first = database.engine(), Login(database.first, new_password())
    second = engine.following(first)
    third = engine.following(second)
    assert [database.names.second, database.names.first] == [second.username, third.username]
    assert 3 == len({first.password, second.password, third.password})
    assert set(second.password) <= set(ALPHABET)


@pytest.mark.parametrize(("kind", "users"), [("application", "single"), ("administrator", "alternating")])
def test_a_single_user_stays(database: Database, kind: str, users: str) -> None:
    """A single user and the administrator keep their name."""
    first = Login("one", new_password())
    second = database.engine(kind, users).following(first)  # type: ignore[arg-type]
    assert ("one", True) == (second.username, second.password != first.password)


def test_the_first_login_is_made_once(database: Database) -> None:
    """Established twice, it is valid, and its stored password has not been touched by the second time."""
    login = database.established()
    query = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{database.first}'"
    stored = database.by_hand(query)
    database.engine().establish(login)
    assert (True, stored) == (database.valid(login), database.by_hand(query))
    database.engine().test(login)


def test_both_logins_work_until_the_older_is_retired(database: Database) -> None:
    """Through three rotations: the current login always works, and two at most."""
    logins = [database.established()]
    for _ in range(3):
        logins.append(database.rotated(logins[-1]))
        assert [True, True] == [database.valid(login) for login in logins[-2:]]
        database.engine().retire(logins[-1])
        assert [login is logins[-1] for login in logins] == [database.valid(login) for login in logins]
        database.engine().retire(logins[-1])


def test_sessions_outlive_the_retirement_of_their_login(database: Database) -> None:
    """Whoever is connected finishes its work."""
    older = database.established()
    with database.connected(older) as connection:
        database.engine().retire(database.rotated(older))
        assert [[1]] == connection.run("SELECT 1")


def test_using_twice_changes_nothing(database: Database) -> None:
    """A login that works already is left alone, as Secrets Manager may call a step again at any time."""
    current = database.established()
    engine = database.engine()
    pending = engine.following(current)
    engine.use(current, pending)
    query = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{database.names.second}'"
    stored = database.by_hand(query)
    engine.use(current, pending)
    assert stored == database.by_hand(query)


def test_a_single_user_gets_another_password(database: Database) -> None:
    """Only the new one is valid then; there is nobody to retire."""
    current = database.established()
    engine = database.engine(users="single")
    pending = engine.following(current)
    engine.use(current, pending)
    engine.test(pending)
    engine.retire(pending)
    assert (False, True) == (database.valid(current), database.valid(pending))


def test_after_alternating_a_single_user_is_the_only_one(database: Database) -> None:
    """The other user's login does not stay behind when a specification goes over to a single user."""
    older = database.established()
    newer = database.rotated(older)
    database.engine(users="single").retire(newer)
    assert (False, True) == (database.valid(older), database.valid(newer))


def test_a_stranger_with_the_second_users_name_is_left_alone(database: Database) -> None:
    """Retirement shuts out only who shares the owner role."""
    current = database.established()
    stranger = database.old_user(name=database.names.second)
    database.engine(users="single").retire(current)
    assert database.valid(stranger)


def test_the_administrator_changes_its_own_password(database: Database) -> None:
    """And rotates others with the new one."""
    engine, older = database.engine("administrator"), database.administrator
    engine.establish(older)
    pending = engine.following(older)
    engine.use(older, pending)
    engine.use(older, pending)
    engine.test(pending)
    engine.retire(pending)
    assert (False, True) == (database.valid(older), database.valid(pending))
    database.administrators = [older, pending]
    assert database.valid(database.established())


def test_the_administrator_gets_in_by_whichever_version_works(database: Database) -> None:
    """After a rotation that was given up halfway, the server has neither the current nor the new password."""
    engine, lost = database.engine("administrator"), database.administrator
    between, pending = engine.following(lost), engine.following(lost)
    engine.use(lost, between)
    database.administrators = [lost, between]
    engine.use(lost, pending)
    assert database.valid(pending)
    database.administrators = [lost, pending]
    engine.establish(lost)
    assert database.valid(lost)


def test_versions_of_the_administrators_secret_are_read_only_when_needed(database: Database) -> None:
    """While the current login works, no other is looked at."""
    database.administrators.append(Login("nobody", new_password()))
    database.established()
    assert {database.administrators[0]} == set(database.asked)


def test_an_administrator_who_cannot_manage_users_is_no_good(database: Database) -> None:
    """The test says what it lacks."""
    database.by_hand(f"ALTER ROLE {database.administrator.username} NOCREATEROLE")
    with pytest.raises(Told, match="needs CREATEROLE"):
        database.engine("administrator").test(database.administrator)


@pytest.mark.parametrize("name", ['we"ird', "semi;colon -- '", "Ünïcode $$ name", "back\\slash", "user:name"])
def test_names_are_quoted(servers: Servers, name: str) -> None:
    """Whatever the user is called, nothing of it is taken for SQL."""
    database = Database.create(servers, name)
    current = database.established()
    newer = database.rotated(current)
    database.run(newer, "CREATE TABLE belongs (id int)")
    assert [[database.names.owner]] == database.by_hand(
        "SELECT tableowner::text FROM pg_tables WHERE tablename = 'belongs'"
    )
    database.engine().retire(newer)
    assert (False, True) == (database.valid(current), database.valid(newer))
    database.drop()


def test_a_name_that_leaves_no_room_is_refused(database: Database) -> None:
    """PostgreSQL would cut the second name off, and both users would be one."""
    with pytest.raises(Told, match="leaves no room"):
        database.engine().following(Login("a" * 58, new_password()))


def test_the_server_takes_verifiers(database: Database) -> None:
    """What the client makes is what the server checks passwords against, also those beyond ASCII."""
    database.established()
    for password in ("plain", "pässwörd\u00a0x"):
        database.by_hand(f"ALTER ROLE {quoted(database.first)} PASSWORD '{scram.verifier(password)}'")
        assert database.valid(Login(database.first, password))


def test_no_statement_holds_a_password(database: Database) -> None:
    """The server logs every statement, and none holds what somebody could log in with."""
    current = database.established()
    newer = database.rotated(current)
    engine = database.engine("administrator")
    pending = engine.following(database.administrator)
    engine.use(database.administrator, pending)
    said = database.servers.primary.program.log.read_text()
    assert [False] * 3 == [login.password in said for login in (current, newer, pending)]
    assert "ALTER ROLE %I WITH LOGIN" in said


def test_the_replica_takes_the_new_login(database: Database) -> None:
    """After the test, a consumer that reads from the replica can move."""
    newer = database.rotated(database.established())
    with database.connected(newer, replica=True) as connection:
        assert [[database.names.owner, True]] == connection.run("SELECT current_user::text, pg_is_in_recovery()")


def test_a_retired_login_is_refused_by_the_server(database: Database) -> None:
    """Not only because its password is gone: nobody may log in as that user."""
    older = database.established()
    database.engine().retire(database.rotated(older))
    database.by_hand(f"ALTER ROLE {quoted(older.username)} PASSWORD '{scram.verifier(older.password)}'")
    with pytest.raises(DatabaseError, match="not permitted to log in"):
        database.run(older, "SELECT 1")
