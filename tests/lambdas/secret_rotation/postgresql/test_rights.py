"""Whatever one user creates, has or is given, the other one can use."""

from __future__ import annotations

from typing import Final

import pytest
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]
from rotation.database import Database

from shared.postgresql_names import quoted
from shared.told import Told

CREATED: Final = (
    "CREATE TABLE orders (id serial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY, name text)",
    "CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at)",
    "CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE SEQUENCE numbers",
    "CREATE TYPE mood AS ENUM ('good', 'bad')",
    "CREATE TYPE pair AS (a int, b int)",
    "CREATE TYPE span AS RANGE (subtype = int)",
    "CREATE DOMAIN positive AS int CHECK (value > 0)",
    "CREATE VIEW names AS SELECT name FROM orders",
    "CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM orders",
    "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1'",
    "CREATE PROCEDURE nothing() LANGUAGE sql AS ''",
    "CREATE SCHEMA further",
    "CREATE TABLE further.inside (id int)",
    "CREATE FUNCTION further.one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
)
USED: Final = (
    "INSERT INTO orders (name) VALUES ('x')",
    "UPDATE orders SET name = 'y'",
    "SELECT nextval('numbers')",
    "SELECT nextval('orders_id_seq')",
    "SELECT 'good'::mood, 1::positive, twice(2), (1, 2)::pair, span(1, 2)",
    "CREATE TEMPORARY TABLE t (m mood, p positive)",
    "SELECT * FROM names",
    "INSERT INTO parts VALUES (1, '2026-05-05')",
    "CALL nothing()",
    "SELECT further.one() FROM further.inside",
    "DELETE FROM orders",
)
CHANGED: Final = (
    "ALTER TABLE orders ADD COLUMN price int",
    "ALTER TABLE parts_2026 ADD CHECK (id > 0)",
    "ALTER SEQUENCE numbers RESTART",
    "ALTER TYPE mood ADD VALUE 'better'",
    "ALTER TYPE pair ADD ATTRIBUTE c int",
    "ALTER DOMAIN positive SET DEFAULT 1",
    "CREATE OR REPLACE VIEW names AS SELECT name, id FROM orders",
    "REFRESH MATERIALIZED VIEW counted",
    "CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $1'",
    "CREATE TABLE further.more (id int)",
    "DROP FUNCTION further.one()",
    "DROP TABLE further.inside",
)

OWNED_BY_OTHERS: Final = """
WITH here AS (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'further'))
SELECT relname FROM pg_class WHERE relowner <> '{owner}'::regrole AND relnamespace IN (SELECT oid FROM here)
UNION ALL
SELECT typname FROM pg_type WHERE typowner <> '{owner}'::regrole AND typnamespace IN (SELECT oid FROM here)
UNION ALL
SELECT nspname FROM pg_namespace WHERE nspowner <> '{owner}'::regrole AND nspname = 'further'
UNION ALL
SELECT proname FROM pg_proc p WHERE proowner <> '{owner}'::regrole AND pronamespace IN (SELECT oid FROM here)
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'i')
"""
"""Constructors of ranges belong to their type, and the first superuser owns them."""


def _owned_by_others(database: Database) -> list[list[str]]:
    return database.by_hand(OWNED_BY_OTHERS.format(owner=quoted(database.names.owner)))


def test_what_one_user_creates_the_other_uses_and_changes(database: Database) -> None:
    """In both directions, as rotations go to and fro; a table of the clone that the first user cannot read is AWS's fault."""
    first = database.established()
    for statement in CREATED:
        database.run(first, statement)
    second = database.rotated(first)
    for statement in (*USED, *CHANGED):
        database.run(second, statement)
    database.run(second, "CREATE TABLE of_the_second (id int)")
    database.engine().retire(second)
    third = database.rotated(second)
    for statement in ("INSERT INTO of_the_second VALUES (1)", "ALTER TABLE of_the_second ADD COLUMN x int"):
        database.run(third, statement)
    assert [] == _owned_by_others(database)


@pytest.mark.parametrize("beforehand", ["first", "second", "administrator"])
def test_objects_from_before_change_hands(database: Database, beforehand: str) -> None:
    """A database that an application used before its secret rotated: as either user, or as the administrator."""
    if beforehand == "administrator":
        for statement in CREATED:
            database.run(database.administrator, statement)
        first = database.established()
    else:
        old = database.old_user(*CREATED, name=getattr(database.names, beforehand))
        database.by_hand(f"GRANT {quoted(old.username)} TO {database.administrator.username}")
        first = old if beforehand == "first" else database.established()
        database.engine().establish(first)
    assert [] == _owned_by_others(database)
    second = database.rotated(first)
    for statement in (*USED, *CHANGED):
        database.run(second, statement)
    assert database.valid(first)


def test_extensions_and_the_database_stay_the_administrators(database: Database) -> None:
    """What an extension made belongs to it; the rest of what the administrator had is the application's."""
    database.run(database.administrator, "CREATE EXTENSION citext")
    database.run(database.administrator, "CREATE TABLE texts (t citext)")
    login = database.established()
    query = "SELECT extowner::regrole::text, (SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database())"
    assert [[database.administrator.username] * 2] == database.by_hand(
        f"{query} FROM pg_extension WHERE extname = 'citext'"
    )
    database.run(login, "ALTER TABLE texts ADD COLUMN u citext")
    database.run(database.administrator, "SELECT * FROM texts")


def test_what_the_administrator_creates_later_stays_its_own_and_can_be_used(database: Database) -> None:
    """A table that it puts into `public` is readable for both users; one in a schema of its own is not their business."""
    first = database.established()
    for statement in (
        "CREATE TABLE shared_table (id int)",
        "CREATE SCHEMA audit",
        "CREATE TABLE audit.log (id int)",
        "REVOKE ALL ON SCHEMA audit FROM PUBLIC",
    ):
        database.run(database.administrator, statement)
    database.engine().establish(first)
    second = database.rotated(first)
    for login in (first, second):
        database.run(login, "INSERT INTO shared_table VALUES (1)")
        with pytest.raises(DatabaseError, match="permission denied"):
            database.run(login, "SELECT * FROM audit.log")


def test_after_discard_all(database: Database) -> None:
    """A pool's way to clean a session leaves it the owner's (since 17.2, 16.6, 15.10: release notes, ALTER ROLE SET role)."""
    second = database.rotated(database.established())
    with database.connected(second) as connection:
        connection.run("DISCARD ALL")
        assert [[database.names.owner, second.username]] == connection.run(
            "SELECT current_user::text, session_user::text"
        )
        connection.run("CREATE TABLE pooled (id int)")
    assert [] == _owned_by_others(database)


def test_what_a_session_creates_that_is_no_owner(database: Database) -> None:
    """The other user can use it at once, and change it after the next rotation."""
    first = database.established()
    second = database.rotated(first)
    with database.connected(second) as connection:
        connection.run("SET ROLE NONE")
        assert [[second.username]] == connection.run("SELECT current_user::text")
        for statement in CREATED:
            connection.run(statement)
    for statement in USED:
        database.run(first, statement)
    database.engine().test(second)
    database.engine().retire(second)
    third = database.rotated(second)
    assert [] == _owned_by_others(database)
    for statement in CHANGED:
        database.run(third, statement)


def test_temporary_tables_are_left_to_their_sessions(database: Database) -> None:
    """A session that is no owner and works on one is not disturbed, and no rotation waits for it."""
    first = database.established()
    with database.connected(first) as connection:
        for statement in (
            "SET ROLE NONE",
            "CREATE TEMPORARY TABLE mine (id int)",
            "BEGIN",
            "INSERT INTO mine VALUES (1)",
        ):
            connection.run(statement)
        database.rotated(first)
        connection.run("INSERT INTO mine VALUES (2)")
        connection.run("COMMIT")
        assert [[2]] == connection.run("SELECT count(*) FROM mine")


def test_what_others_gave_to_a_user(database: Database) -> None:
    """Rights of the first user on objects of others, columns and options included, and its memberships: the second has them too."""
    old = database.old_user()
    others, user = f"others_{database.name}", quoted(old.username)
    database.by_hand(
        f"CREATE ROLE {others} NOLOGIN",
        f"CREATE ROLE {others}_group NOLOGIN",
        f"GRANT {others}, {others}_group TO {database.administrator.username} WITH ADMIN OPTION",
        f"GRANT {others}_group TO {user}",
        f"CREATE SCHEMA theirs AUTHORIZATION {others}",
    )
    database.by_hand(
        f"SET ROLE {others}",
        "CREATE TABLE theirs.whole (id int)",
        "CREATE TABLE theirs.part (a int, b int)",
        "CREATE TABLE theirs.passed_on (id int)",
        "CREATE SEQUENCE theirs.sequence",
        "CREATE FUNCTION theirs.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE theirs.kind AS ENUM ('a')",
        "CREATE TABLE theirs.of_the_group (id int)",
        "REVOKE ALL ON FUNCTION theirs.f() FROM PUBLIC",
        "REVOKE ALL ON TYPE theirs.kind FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA theirs TO {user}, {others}_group",
        f"GRANT SELECT, INSERT ON theirs.whole TO {user}",
        f"GRANT SELECT (a) ON theirs.part TO {user}",
        f"GRANT SELECT ON theirs.passed_on TO {user} WITH GRANT OPTION",
        f"GRANT USAGE ON SEQUENCE theirs.sequence TO {user}",
        f"GRANT EXECUTE ON FUNCTION theirs.f() TO {user}",
        f"GRANT USAGE ON TYPE theirs.kind TO {user}",
        f"GRANT SELECT ON theirs.of_the_group TO {others}_group",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA theirs GRANT SELECT ON TABLES TO {user}",
    )
    database.engine().establish(old)
    database.by_hand(f"SET ROLE {others}", "CREATE TABLE theirs.later (id int)")
    second = database.rotated(old)
    for login in (old, second):
        for statement in (
            "INSERT INTO theirs.whole VALUES (1)",
            "SELECT * FROM theirs.whole",
            "SELECT a FROM theirs.part",
            "SELECT nextval('theirs.sequence')",
            "SELECT theirs.f()",
            "CREATE TEMPORARY TABLE t (k theirs.kind)",
            "SELECT * FROM theirs.of_the_group",
            "SELECT * FROM theirs.later",
            f"GRANT SELECT ON theirs.passed_on TO {quoted(database.administrator.username)}",
        ):
            database.run(login, statement)
        with pytest.raises(DatabaseError, match="permission denied"):
            database.run(login, "SELECT b FROM theirs.part")


def test_what_the_administrator_cannot_pass_on_is_said(database: Database) -> None:
    """Nothing is changed then: better the first user as it is than a second one with less."""
    old = database.old_user()
    database.by_hand(
        "CREATE SCHEMA closed", "CREATE TABLE closed.t (id int)", f"GRANT SELECT ON closed.t TO {quoted(old.username)}"
    )
    with pytest.raises(Told, match="permission denied"):
        database.engine().establish(old)
    assert [[old.username]] == database.run(old, "SELECT current_user::text")
    assert [] == database.by_hand(f"SELECT 1 FROM pg_roles WHERE rolname = '{database.names.owner}'")


def test_what_a_user_gave_to_others_for_the_future(database: Database) -> None:
    """A reporting user goes on to read whatever the application creates, and functions stay closed that were to be."""
    reporting = f"reporting_{database.name}"
    database.by_hand(f"CREATE ROLE {reporting} NOLOGIN")
    old = database.old_user(
        f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {reporting}",
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    )
    second = database.rotated(old)
    database.run(second, "CREATE TABLE figures (id int)")
    database.run(second, "CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    query = f"SELECT has_table_privilege('{reporting}', 'figures', 'SELECT'), has_function_privilege('{reporting}', 'secret()', 'EXECUTE')"
    assert [[True, False]] == database.by_hand(query)
    third = database.rotated(second)
    database.run(third, "CREATE FUNCTION again() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert [[False]] == database.by_hand(f"SELECT has_function_privilege('{reporting}', 'again()', 'EXECUTE')")


def test_settings_of_the_first_user_are_the_seconds_too(database: Database) -> None:
    """A search path with names that need quotes, a time limit, a setting of the application's own, the number of connections."""
    first = database.established()
    user, here = quoted(first.username), quoted(database.name)
    database.by_hand(
        f'ALTER ROLE {user} IN DATABASE {here} SET search_path = "$user", "Odd, name", public',
        f"ALTER ROLE {user} SET statement_timeout = '7s'",
        f"ALTER ROLE {user} SET application_name = 'it''s me'",
        f"ALTER ROLE {user} SET log_min_messages = 'warning'",  # no administrator may set this one
        f"ALTER ROLE {user} CONNECTION LIMIT 17",
    )
    query = """
        SELECT current_setting('search_path'), current_setting('statement_timeout'), reset_val
        FROM pg_settings WHERE name = 'application_name'
    """
    second = database.rotated(first)
    assert database.run(first, query) == database.run(second, query)
    assert [['"$user", "Odd, name", public', "7s", "it's me"]] == database.run(second, query)
    assert [[17]] == database.by_hand(f"SELECT rolconnlimit FROM pg_roles WHERE rolname = '{second.username}'")


def test_a_new_user_may_use_the_database_and_its_public_schema_alone(database: Database) -> None:
    """Both roles: no superuser, no creator of roles or databases; the owner is nobody's login."""
    database.rotated(database.established())
    query = "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = '{}'"
    no = [False] * 5
    assert [[True, *no]] * 2 == [database.by_hand(query.format(user))[0] for user in database.names.users]
    assert [[False, *no]] == database.by_hand(query.format(database.names.owner))


def test_the_test_finds_what_the_login_lacks(database: Database) -> None:
    """Rights that somebody took away since, and a login that is not the owner."""
    login = database.established()
    engine = database.engine()
    owner = quoted(database.names.owner)
    database.by_hand(f"REVOKE CREATE ON SCHEMA public FROM {owner}")
    with pytest.raises(Told, match="lacks rights on the database"):
        engine.test(login)
    engine.establish(login)
    database.by_hand("CREATE TABLE hidden (id int)", f"ALTER TABLE hidden OWNER TO {quoted(login.username)}",
                     f"REVOKE ALL ON hidden FROM {quoted(login.username)}")  # fmt: skip
    with pytest.raises(Told, match=r"may not read public\.hidden"):
        engine.test(login)
    engine.establish(login)
    database.by_hand(f"ALTER ROLE {quoted(login.username)} IN DATABASE {quoted(database.name)} RESET role")
    with pytest.raises(Told, match="begins as"):
        engine.test(login)
