"""Whatever one of the application's users was given, or will create, the owner role and so the other one can use."""

from __future__ import annotations

from typing import Final

from secret_rotation.postgresql_objects import about
from shared.postgresql_connection import Session
from shared.postgresql_names import Names, quoted

OBJECTS: Final = ("TABLES", "SEQUENCES", "FUNCTIONS", "TYPES")
_CODES: Final = {"TABLES": "r", "SEQUENCES": "S", "FUNCTIONS": "f", "TYPES": "T", "SCHEMAS": "n"}
"""Of pg_default_acl.defaclobjtype."""

_MEMBERSHIPS: Final = """
SELECT DISTINCT format('GRANT %I TO %I', r.rolname, owner.rolname)
FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid, owner
WHERE m.member IN (SELECT oid FROM users) AND r.oid <> owner.oid AND NOT pg_has_role(owner.oid, r.oid, 'USAGE')
"""

_PRIVILEGES: Final = """,
given AS (
    SELECT c.oid, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, '' AS column,
           format('%I.%I', n.nspname, c.relname) AS name, 0 AS number, a.*
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
    UNION ALL
    SELECT c.oid, 'TABLE', format('(%I)', t.attname), format('%I.%I', n.nspname, c.relname), t.attnum, a.*
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
         aclexplode(t.attacl) a
    UNION ALL
    SELECT n.oid, 'SCHEMA', '', format('%I', n.nspname), 0, a.* FROM pg_namespace n, aclexplode(n.nspacl) a
    UNION ALL
    SELECT p.oid, 'ROUTINE', '', p.oid::regprocedure::text, 0, a.* FROM pg_proc p, aclexplode(p.proacl) a
    UNION ALL
    SELECT t.oid, 'TYPE', '', format_type(t.oid, NULL), 0, a.* FROM pg_type t, aclexplode(t.typacl) a
    UNION ALL
    SELECT d.oid, 'DATABASE', '', format('%I', d.datname), 0, a.* FROM pg_database d, here, aclexplode(d.datacl) a
    WHERE d.oid = here.oid
), wanted AS (
    SELECT given.*, privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS tested
    FROM given WHERE grantee IN (SELECT oid FROM users)
)
SELECT DISTINCT format('GRANT %s %s ON %s %s TO %I%s', w.privilege_type, w.column, w.kind, w.name, owner.rolname,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM wanted w, owner WHERE NOT CASE
    WHEN w.number > 0 THEN has_column_privilege(owner.oid, w.oid, w.number::smallint, w.tested)
    WHEN w.kind = 'SEQUENCE' THEN has_sequence_privilege(owner.oid, w.oid, w.tested)
    WHEN w.kind = 'TABLE' THEN has_table_privilege(owner.oid, w.oid, w.tested)
    WHEN w.kind = 'SCHEMA' THEN has_schema_privilege(owner.oid, w.oid, w.tested)
    WHEN w.kind = 'ROUTINE' THEN has_function_privilege(owner.oid, w.oid, w.tested)
    WHEN w.kind = 'TYPE' THEN has_type_privilege(owner.oid, w.oid, w.tested)
    ELSE has_database_privilege(owner.oid, w.oid, w.tested) END
"""

_DEFAULTS_GIVEN: Final = """,
defaults AS (
    SELECT acl.defaclrole, acl.defaclnamespace, acl.defaclobjtype, a.grantee, a.privilege_type, a.is_grantable,
           CASE acl.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                  WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END AS objects
    FROM pg_default_acl acl, aclexplode(acl.defaclacl) a
), wanted AS (
    -- What others get of the users' future objects they get of the owner's; and what the users get of others' it gets.
    SELECT d.*, owner.oid AS maker, d.grantee AS receiver FROM defaults d, owner
    WHERE d.defaclrole IN (SELECT oid FROM users) AND d.grantee NOT IN (SELECT oid FROM users) AND d.grantee <> owner.oid
    UNION ALL
    SELECT d.*, d.defaclrole, owner.oid FROM defaults d, owner
    WHERE d.grantee IN (SELECT oid FROM users) AND d.defaclrole NOT IN (SELECT oid FROM users) AND d.defaclrole <> owner.oid
)
SELECT DISTINCT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s GRANT %s ON %s TO %s%s', pg_get_userbyid(w.maker),
    CASE WHEN w.defaclnamespace = 0 THEN ''
         ELSE format(' IN SCHEMA %I', (SELECT nspname FROM pg_namespace WHERE oid = w.defaclnamespace)) END,
    w.privilege_type, w.objects,
    CASE WHEN w.receiver = 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(w.receiver)) END,
    CASE WHEN w.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM wanted w WHERE NOT EXISTS (
    SELECT 1 FROM defaults d WHERE d.defaclrole = w.maker AND d.defaclnamespace = w.defaclnamespace
       AND d.defaclobjtype = w.defaclobjtype AND d.grantee = w.receiver AND d.privilege_type = w.privilege_type
       AND d.is_grantable >= w.is_grantable)
  -- Of functions and types everybody has this anyway, unless it was taken from them.
  AND NOT (w.receiver = 0 AND w.defaclnamespace = 0 AND w.defaclobjtype IN ('f', 'T'))
"""

_DEFAULTS_TAKEN: Final = """
SELECT DISTINCT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE ALL ON %s FROM PUBLIC', owner.rolname,
                       CASE acl.defaclobjtype WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END)
FROM pg_default_acl acl, owner
WHERE acl.defaclrole IN (SELECT oid FROM users) AND acl.defaclnamespace = 0 AND acl.defaclobjtype IN ('f', 'T')
  AND NOT EXISTS (SELECT 1 FROM aclexplode(acl.defaclacl) a WHERE a.grantee = 0)
  AND NOT EXISTS (SELECT 1 FROM pg_default_acl has
                  WHERE has.defaclrole = owner.oid AND has.defaclnamespace = 0 AND has.defaclobjtype = acl.defaclobjtype
                    AND NOT EXISTS (SELECT 1 FROM aclexplode(has.defaclacl) a WHERE a.grantee = 0))
"""

_HAS_DEFAULT: Final = """
SELECT count(*) FROM pg_default_acl acl, aclexplode(acl.defaclacl) a
WHERE acl.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = :maker) AND acl.defaclobjtype::text = :code
  AND acl.defaclnamespace = coalesce((SELECT oid FROM pg_namespace WHERE nspname = :schema), 0)
  AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = :owner)
"""


def share_future(session: Session, users: list[str], names: Names) -> None:
    """Whatever the users create without being the owner (after DISCARD ALL), or the administrator in `public`, it can use."""
    administrator = session.value("SELECT session_user::text")
    public = bool(session.value("SELECT to_regnamespace('public') IS NOT NULL"))
    wanted = [(user, "", kind) for user in users for kind in (*OBJECTS, "SCHEMAS")]
    wanted += [(administrator, "public", kind) for kind in OBJECTS if public]
    for maker, schema, kind in wanted:
        if not session.value(_HAS_DEFAULT, maker=maker, code=_CODES[kind], schema=schema, owner=names.owner):
            where = f" IN SCHEMA {quoted(schema)}" if schema else ""
            session.run(
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(maker)}{where} GRANT ALL ON {kind} TO {quoted(names.owner)}"
            )


def share_given(session: Session, names: Names) -> None:
    """What others gave to the users, they gave to the owner: while a user is the owner, its own rights do not count."""
    for query in (_MEMBERSHIPS, _PRIVILEGES, _DEFAULTS_GIVEN, _DEFAULTS_TAKEN):
        for (statement,) in about(session, names, query):
            session.run(statement)
