"""Nobody of the application in its database: its connection limit, and an end to the sessions that stand.

The limit that stood before is kept in the server itself, so that a replica which is promoted has it too. A limit binds
everybody but superusers, of whom RDS has none but its own; so the administrator works from the database `postgres`.
"""

from __future__ import annotations

from typing import Final, cast

from region_guard.action import Because
from shared import clock
from shared.postgresql_connection import Session
from shared.postgresql_names import Names, quoted

GONE_SECONDS: Final = 1.0
"""How long a look waits for sessions that it ended."""
POLL_SECONDS: Final = 0.05

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS understudy.fence (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), connection_limit int NOT NULL, because text NOT NULL
)
"""
_PUT: Final = """
INSERT INTO understudy.fence AS f (connection_limit, because)
SELECT datconnlimit, :because FROM pg_database WHERE datname = :database
ON CONFLICT (one) DO UPDATE SET because = excluded.because,
    -- Whoever set another limit meanwhile wants that one afterwards.
    connection_limit = CASE excluded.connection_limit WHEN 0 THEN f.connection_limit ELSE excluded.connection_limit END
"""
_LIMIT: Final = "SELECT datconnlimit FROM pg_database WHERE datname = :database"
_KNOWN: Final = "SELECT to_regclass('understudy.fence') IS NOT NULL"
_STANDS: Final = "SELECT because FROM understudy.fence"
_TAKE_AWAY: Final = "DELETE FROM understudy.fence RETURNING connection_limit"
_SESSIONS: Final = """
FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid() AND NOT r.rolsuper AND r.rolname <> session_user
    AND (a.datname = :database OR pg_has_role(r.oid, (SELECT oid FROM pg_roles WHERE rolname = :owner), 'MEMBER'))
"""


def prepare(session: Session) -> None:
    """Make the table."""
    session.run(_TABLE)


def stands(session: Session) -> Because | None:
    """Why the database is fenced; None if it is not."""
    if not session.value(_KNOWN):
        return None
    rows = session.run(_STANDS)
    return cast("Because", rows[0][0]) if rows else None


def put(session: Session, database: str, because: Because) -> None:
    """Let nobody in. As a part of a transaction; those who are in stay until `end_sessions`."""
    session.run(_PUT, because=because, database=database)
    if session.value(_LIMIT, database=database) != 0:
        session.run(f"ALTER DATABASE {quoted(database)} CONNECTION LIMIT 0")


def lift(session: Session, database: str) -> None:
    """Let in as many as before. As a part of a transaction. A limit that somebody set meanwhile stays."""
    rows = session.run(_TAKE_AWAY)
    if rows and session.value(_LIMIT, database=database) == 0:
        session.run(f"ALTER DATABASE {quoted(database)} CONNECTION LIMIT {int(rows[0][0])}")


def end_sessions(session: Session, database: str, names: Names) -> int:
    """End everybody's in the application's database, and the application's in every other; how many are left.

    The administrator's and those of replication stay. After `put`: whoever was just logging in then is found by the next look.
    """
    session.run(f"SELECT pg_terminate_backend(a.pid) {_SESSIONS}", database=database, owner=names.owner)
    deadline = clock.monotonic() + GONE_SECONDS
    while left := int(session.value(f"SELECT count(*) {_SESSIONS}", database=database, owner=names.owner)):
        if clock.monotonic() >= deadline:
            break
        clock.pause(POLL_SECONDS)
    return left


def position(session: Session) -> str:
    """How far the log has come, as pg_lsn writes it: behind everything that was ever written here."""
    return str(session.value("SELECT pg_current_wal_insert_lsn()::text"))
