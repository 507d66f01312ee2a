"""Whatever one of the application's users has created is the owner role's."""

from __future__ import annotations

from typing import Final

from shared.postgresql_connection import Rows, Session
from shared.postgresql_names import Names, quoted

_ROLES: Final = """
WITH users AS (SELECT oid FROM pg_roles WHERE rolname IN (:first, :second)),
     owner AS (SELECT oid, rolname FROM pg_roles WHERE rolname = :owner),
     here AS (SELECT oid FROM pg_database WHERE datname = current_database())"""
"""What the queries begin with."""

_PRESENT: Final = """
SELECT rolname FROM pg_roles WHERE oid IN (SELECT oid FROM users)
"""

_OWNED: Final = """
SELECT count(*) FROM pg_shdepend d
WHERE d.deptype = 'o' AND d.refclassid = 'pg_authid'::regclass AND d.refobjid IN (SELECT oid FROM users)
  AND (d.dbid = 0 OR d.dbid = (SELECT oid FROM here))
  AND d.classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)
  AND NOT EXISTS (SELECT 1 FROM pg_class c
                  WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relpersistence = 't')
"""
"""Temporary tables are their session's, and gone with it."""

_SCHEMAS: Final = """
SELECT format('GRANT ALL ON SCHEMA %I TO %I', n.nspname, owner.rolname) FROM pg_namespace n, owner
WHERE n.nspowner IN (SELECT oid FROM users) AND n.nspname !~ '^pg_'
"""
"""An object's new owner needs CREATE on its schema, which may change hands later than the object."""

_ADMINISTRATORS: Final = """
SELECT format('ALTER %s %s OWNER TO %I', replace(upper(i.type), 'COMPOSITE TYPE', 'TYPE'), i.identity, :owner::text)
FROM pg_shdepend d, LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
WHERE d.deptype = 'o' AND d.refclassid = 'pg_authid'::regclass
  AND d.refobjid = (SELECT oid FROM pg_roles WHERE rolname = session_user)
  AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND d.classid IN ('pg_namespace'::regclass, 'pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
  AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.refobjid <> d.objid
                  AND (e.deptype = 'e' OR (e.deptype = 'a' AND i.type = 'sequence') OR (e.deptype = 'i' AND NOT EXISTS (
                      SELECT 1 FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
                      AND t.typtype = 'm' AND current_setting('server_version_num')::int < 170000))))
  AND NOT EXISTS (SELECT 1 FROM pg_class c
                  WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relpersistence = 't')
ORDER BY i.type <> 'schema', i.identity
"""
"""Neither what belongs to an extension nor what follows something else: a column's sequence its table, and a multirange
its range, since 17 (release notes 17, E.1)."""


def about(session: Session, names: Names, query: str) -> Rows:
    """The rows of a query that begins with the tables `users`, `owner` and `here`, the database."""
    return session.run(_ROLES + query, first=names.first, second=names.second, owner=names.owner)


def take_over(session: Session, names: Names) -> None:
    """Make the owner role the owner of what the users have created."""
    if about(session, names, _OWNED) != [[0]]:
        for (statement,) in about(session, names, _SCHEMAS):
            session.run(statement)
        users = ", ".join(quoted(user) for (user,) in about(session, names, _PRESENT))
        session.run(f"REASSIGN OWNED BY {users} TO {quoted(names.owner)}")


def take_over_administrators(session: Session, names: Names) -> None:
    """The same of what the administrator has created, as whom an application may have logged in before it had users."""
    for (statement,) in session.run(_ADMINISTRATORS, owner=names.owner):
        session.run(statement)
