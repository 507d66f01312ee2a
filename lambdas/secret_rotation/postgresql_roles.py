"""The owner role, the users that share it, and what they need to be able to do.

Works for an administrator who is no superuser but may create roles, on every version since 15. In 16 such an administrator
lost power over roles that others created, and its own membership in what it creates became one without use
(release notes 16, E.1.3.1.6): so it is granted every membership explicitly, with INHERIT and SET where those exist.
"""

from __future__ import annotations

from typing import Final

from shared.log import logger
from shared.login import Login, Rejected
from shared.postgresql_connection import Session
from shared.postgresql_errors import ValueRefused
from shared.postgresql_names import Names, literal, quoted
from shared.postgresql_scram import verifier
from shared.told import Told

GRANTS_HAVE_OPTIONS: Final = 160000
"""Since PostgreSQL 16 a membership says whether it inherits and whether SET ROLE may use it."""

_SET_AT_LOGIN: Final = """
SELECT count(*) FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole JOIN pg_database d ON d.oid = setdatabase
WHERE r.rolname = :user AND d.datname = current_database() AND :setting = ANY (setconfig)
"""
_SETTINGS: Final = """
SELECT setdatabase <> 0, split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole, unnest(setconfig) AS setting
WHERE r.rolname = :user AND (setdatabase = 0 OR setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY 1, 2
"""
_COPYABLE: Final = """
SELECT EXISTS (SELECT 1 FROM pg_settings WHERE lower(name) = lower(:name) AND context = 'user')
    OR has_parameter_privilege(:name, 'SET')
"""


def exists(session: Session, role: str) -> bool:
    """Whether there is such a role."""
    return bool(session.run("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role))


def can_log_in(session: Session, user: str) -> bool:
    """Whether there is such a user who may log in."""
    return bool(session.run("SELECT 1 FROM pg_roles WHERE rolname = :user AND rolcanlogin", user=user))


def belongs(session: Session, member: str, role: str) -> bool:
    """Whether `member` has the rights of `role`, and may become it."""
    query = "SELECT pg_has_role(:member::name, :role::name, 'USAGE')"
    if _grants_have_options(session):
        query += " AND pg_has_role(:member::name, :role::name, 'SET')"
    return bool(session.value(query, member=member, role=role))


def create(session: Session, role: str) -> None:
    """A role that nobody logs in as yet."""
    if not exists(session, role):
        session.run(f"CREATE ROLE {quoted(role)} NOLOGIN")


def add(session: Session, member: str, role: str) -> None:
    """Give `member` the rights of `role`, and let it become it."""
    if not belongs(session, member, role):
        options = " WITH INHERIT TRUE, SET TRUE" if _grants_have_options(session) else ""
        session.run(f"GRANT {quoted(role)} TO {quoted(member)}{options}")


def become_owner_at_login(session: Session, user: str, names: Names) -> None:
    """Whatever `user` creates belongs to the owner: its sessions begin as the owner."""
    if not session.value(_SET_AT_LOGIN, user=user, setting=f"role={names.owner}"):
        session.run(
            f"ALTER ROLE {quoted(user)} IN DATABASE {quoted(session.database)} SET role = {literal(names.owner)}"
        )


def allow(session: Session, names: Names) -> None:
    """The database and its schema `public`, for the owner."""
    for right in ("CONNECT", "TEMPORARY", "CREATE"):
        if not session.value(
            "SELECT has_database_privilege(:owner::name, current_database(), :right)", owner=names.owner, right=right
        ):
            session.run(f"GRANT {right} ON DATABASE {quoted(session.database)} TO {quoted(names.owner)}")
    for right in ("USAGE", "CREATE"):
        # NULL, and nothing to do, where somebody dropped the schema.
        query = "SELECT has_schema_privilege(:owner::name, to_regnamespace('public')::oid, :right)"
        if session.value(query, owner=names.owner, right=right) is False:
            session.run(f"GRANT {right} ON SCHEMA public TO {quoted(names.owner)}")


def copy_settings(session: Session, source: str, target: str) -> None:
    """What `source` has set for its sessions, such as `search_path`, and its number of connections, for `target` too."""
    has = {(in_database, name): value for in_database, name, value in session.run(_SETTINGS, user=target)}
    for in_database, name, value in session.run(_SETTINGS, user=source):
        if name == "role" or has.get((in_database, name)) == value:
            continue
        if not session.value(_COPYABLE, name=name):
            logger.warning(f"{target} begins without the setting {name} of {source}: the administrator may not set it")
            continue
        before = session.value("SELECT current_setting(:name, true)", name=name)
        # The only way that keeps lists such as a search path whole, whatever is quoted in them.
        session.run("SELECT set_config(:name, :value, true)", name=name, value=value)
        where = f"IN DATABASE {quoted(session.database)} " if in_database else ""
        session.run(f"ALTER ROLE {quoted(target)} {where}SET {_setting(name)} FROM CURRENT")
        session.run("SELECT set_config(:name, :value, true)", name=name, value=before or "")
    limit = session.run("SELECT rolconnlimit FROM pg_roles WHERE rolname = :user", user=source)
    if limit and limit != session.run("SELECT rolconnlimit FROM pg_roles WHERE rolname = :user", user=target):
        session.run(f"ALTER ROLE {quoted(target)} CONNECTION LIMIT {int(limit[0][0])}")


def require_valid(session: Session, names: Names) -> None:
    """Raises Told where no login of the application can be valid: the region's lease has ended (decision 16)."""
    if session.run(
        "SELECT 1 FROM pg_roles WHERE rolname = :owner AND rolvaliduntil <= clock_timestamp()", owner=names.owner
    ):
        raise Told(
            "This region's lease has ended, so that no login of the application is valid: nothing was changed. Try again once "
            "its guard has renewed it"
        )


def set_password(session: Session, login: Login) -> None:
    """Let `login` log in from now on, for as long as the owner role says: that is where a region's guard writes the end of
    the lease, and for ever where there is none. Raises Rejected if the server does not take the password.
    """
    # One statement: at no moment is there a login that is good for longer than the region may write.
    statement = "format('ALTER ROLE %I WITH LOGIN VALID UNTIL %L PASSWORD %L', {user}, {end}, {password})"
    end = "coalesce((SELECT rolvaliduntil FROM pg_roles WHERE rolname = {owner}), 'infinity')"
    values = {
        "user": literal(login.username),
        "password": literal(verifier(login.password)),
        "end": end.format(owner=literal(Names.of(login.username).owner)),
    }
    _give(session, f"DO {literal(f'BEGIN EXECUTE {statement.format(**values)}; END')}")


def set_own_password(session: Session, login: Login) -> None:
    """The password of the one who is logged in: that is everybody's right. Raises Rejected, too."""
    _give(session, f"ALTER ROLE {quoted(login.username)} PASSWORD {literal(verifier(login.password))}")


def _give(session: Session, statement: str) -> None:
    try:
        session.run(statement)
    except ValueRefused as refused:
        raise Rejected(str(refused)) from None


def shut_out(session: Session, user: str) -> None:
    """Nobody logs in as `user` any more; sessions that stand go on."""
    session.run(f"ALTER ROLE {quoted(user)} NOLOGIN PASSWORD NULL")


def _setting(name: str) -> str:
    return ".".join(quoted(part) for part in name.split("."))


def _grants_have_options(session: Session) -> bool:
    return bool(session.value("SELECT current_setting('server_version_num')::int") >= GRANTS_HAVE_OPTIONS)
