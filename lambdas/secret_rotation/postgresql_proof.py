"""Whether a login can do what consumers will do with it, found out by logging in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from shared import clock
from shared.login import Login, Rejected
from shared.postgresql_connection import Endpoint, Session, connected
from shared.postgresql_errors import Refused
from shared.postgresql_names import Names
from shared.told import Told

REPLAY_SECONDS: Final = 60.0
"""How long replicas may take together to replay a login, before the rotation is left to its next attempt."""
POLL_SECONDS: Final = 0.25

_WHO: Final = "SELECT current_user::text, session_user::text"
_RIGHTS: Final = """
SELECT has_database_privilege(current_database(), 'CONNECT'), has_database_privilege(current_database(), 'TEMPORARY'),
       coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'USAGE'), true),
       coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), true)
"""
_UNREADABLE: Final = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
  AND pg_get_userbyid(c.relowner) IN (:first, :second, :owner)
  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
ORDER BY 1 LIMIT 1
"""
_ADMINISTERS: Final = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"


def works(endpoint: Endpoint, login: Login, database: str) -> bool:
    """Whether the server takes `login`. Raises Told if that cannot be known."""
    try:
        with connected(endpoint, login, database):
            return True
    except Refused:
        return False


def require_primary(session: Session, endpoint: Endpoint) -> None:
    """Raises Told where nothing can be changed."""
    if session.value("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"):
        raise Told(
            f"PostgreSQL at {endpoint} is a standby or takes no changes, as during a failover: nothing was changed. "
            f"Try again once its name leads to the primary"
        )


def administers(endpoint: Endpoint, login: Login, database: str) -> None:
    """Raises Rejected if the administrator's password is refused, and Told."""
    with _logged_in(endpoint, login, database) as session:
        require_primary(session, endpoint)
        if not session.value(_ADMINISTERS):
            raise Told(f"{login.username} may not manage users of PostgreSQL at {endpoint}: it needs CREATEROLE")


def serves(endpoint: Endpoint, login: Login, database: str) -> None:
    """Raises Rejected if the primary refuses the password of the application's login, and Told if it lacks a right."""
    with _logged_in(endpoint, login, database) as session:
        require_primary(session, endpoint)
        missing = _missing(session, login)
    if missing is not None:
        raise Told(f"PostgreSQL at {endpoint}: {missing}")


def reads(endpoints: Sequence[Endpoint], login: Login, database: str) -> None:
    """Wait until each replica has replayed the login and its rights. Raises Told."""
    deadline = clock.monotonic() + REPLAY_SECONDS
    for endpoint in endpoints:
        while (missing := _missing_at_replica(endpoint, login, database)) is not None:
            if clock.monotonic() >= deadline:
                raise Told(
                    f"The replica at {endpoint} has not replayed the new login in time: {missing}. Try again later"
                )
            clock.pause(POLL_SECONDS)


def wait_for(endpoints: Sequence[Endpoint], login: Login, database: str) -> None:
    """Until each replica takes the login, for a minute at most. What is missing then is found when it is tested."""
    deadline = clock.monotonic() + REPLAY_SECONDS
    for endpoint in endpoints:
        with suppress(Told):
            while clock.monotonic() < deadline and not works(endpoint, login, database):
                clock.pause(POLL_SECONDS)


def _missing_at_replica(endpoint: Endpoint, login: Login, database: str) -> str | None:
    try:
        with connected(endpoint, login, database) as session:
            return _missing(session, login)
    except Refused as refused:
        return str(refused)


def _missing(session: Session, login: Login) -> str | None:
    """What the login lacks, in words. Rights are asked for, not tried out: nothing is written to anybody's database."""
    names = Names.of(login.username)
    ((current, beginning),) = session.run(_WHO)
    if (current, beginning) != (names.owner, login.username):
        return f"{login.username} begins as {current}, not as {names.owner}"
    (rights,) = session.run(_RIGHTS)
    if not all(rights):
        return f"{names.owner} lacks rights on the database {session.database} or its schema public"
    unreadable = session.run(_UNREADABLE, first=names.first, second=names.second, owner=names.owner)
    if unreadable:
        return f"{login.username} may not read {unreadable[0][0]}"
    return None


@contextmanager
def _logged_in(endpoint: Endpoint, login: Login, database: str) -> Iterator[Session]:
    """At the primary, where there is nothing to wait for: a password that it refuses is no good."""
    rejected = ""
    try:
        with connected(endpoint, login, database) as session:
            yield session
    except Refused as refused:
        if not refused.wrong_password:
            raise
        rejected = str(refused)
    if rejected:
        raise Rejected(rejected)
