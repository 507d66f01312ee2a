"""Until when the application's logins are good: PostgreSQL refuses a password after its role's VALID UNTIL.

Logins are the members of the owner role, directly or by others, and the owner role itself, from which a rotation takes the
end of a new one. Administrators, who may be members too, are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Final

from shared.log import logger
from shared.postgresql_connection import Session
from shared.postgresql_names import Names, literal, quoted

_OWN_ENDS: Final = """
CREATE TABLE IF NOT EXISTS understudy.own_ends (role text PRIMARY KEY, ends timestamptz NOT NULL)
"""
_ROLES: Final = """
SELECT r.rolname::text,
    CASE WHEN isfinite(r.rolvaliduntil) THEN extract(epoch FROM r.rolvaliduntil)::float8 END,
    extract(epoch FROM e.ends)::float8,
    current_setting('server_version_num')::int < 160000 OR pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')
FROM pg_roles r LEFT JOIN understudy.own_ends e ON e.role = r.rolname
WHERE r.rolname = :owner OR (r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolcreaterole
    AND pg_has_role(r.oid, (SELECT oid FROM pg_roles WHERE rolname = :owner), 'MEMBER'))
ORDER BY r.rolname <> :owner, r.rolname
"""
_REMEMBER: Final = """
INSERT INTO understudy.own_ends (role, ends) VALUES (:role, to_timestamp(:ends))
ON CONFLICT (role) DO UPDATE SET ends = excluded.ends
"""


@dataclass(frozen=True, slots=True)
class Role:
    """Of PostgreSQL."""

    name: str
    ends: float
    """Epoch seconds; inf: never."""
    own_end: float | None = None
    """The end that somebody gave it, where it is not the lease's."""
    alterable: bool = True
    """Whether the administrator may change it: since PostgreSQL 16 not everybody's (release notes 16, E.1.3.1.6)."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of a role's end."""

    name: str
    ends: float
    remembered: float | None = None
    """The end that it had from somebody, and gets back when the lease's is later."""


def prepare(session: Session) -> None:
    """Make the table of ends that are not the lease's."""
    session.run(_OWN_ENDS)


def roles(session: Session, names: Names) -> list[Role]:
    """The owner role first, if the application has one yet; then its logins."""
    return [
        Role(name, inf if ends is None else ends, own_end, bool(alterable))
        for name, ends, own_end, alterable in session.run(_ROLES, owner=names.owner)
    ]


def changes(found: Iterable[Role], names: Names, ends: float) -> Iterator[Change]:
    """What makes every login end at `ends`; those with an earlier end of their own keep it."""
    found = list(found)
    before = next((role.ends for role in found if role.name == names.owner), inf)
    for role in found:
        own_end = None if role.name in names.all else role.own_end
        remembered = None
        if role.name not in names.all and role.ends not in {before, inf} and role.ends != own_end:
            # Neither the lease's nor what the lease left of it: somebody's.
            own_end = remembered = role.ends
        wanted = ends if own_end is None else min(ends, own_end)
        if wanted != role.ends or remembered is not None:
            yield Change(role.name, wanted, remembered)


def end_at(session: Session, names: Names, ends: float) -> int:
    """Have the logins end at `ends`; inf: never. How many could not be changed."""
    found = roles(session, names)
    foreign = [role.name for role in found if not role.alterable]
    if foreign:
        logger.warning(
            f"The administrator may not change the logins {', '.join(foreign)}: they do not end with the lease"
        )
    for change in changes((role for role in found if role.alterable), names, ends):
        if change.remembered is not None:
            session.run(_REMEMBER, role=change.name, ends=change.remembered)
        session.run(f"ALTER ROLE {quoted(change.name)} VALID UNTIL {_moment(change.ends)}")
    return len(foreign)


def _moment(ends: float) -> str:
    if ends == inf:
        return literal("infinity")
    return literal(datetime.fromtimestamp(ends, UTC).isoformat(timespec="microseconds"))
