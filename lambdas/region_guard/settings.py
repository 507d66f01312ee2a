"""What the guard is told by its template: the variable GUARD, as JSON."""

from __future__ import annotations

import os
from functools import cache

import msgspec


class Database(msgspec.Struct, frozen=True):
    """The site's own database."""

    host: str
    """Its endpoint, which its certificate bears."""
    port: int
    name: str
    """The application's database."""
    user: str
    """The application's first user (shared.postgresql_names)."""
    secret_arn: str
    """The administrator's."""


class Settings(msgspec.Struct, frozen=True):
    """One site and where its lease is kept."""

    prefix: str
    """`<application>-<environment>`."""
    region: str
    peer_region: str
    active: bool
    """Whether the spec says that this site is the active one."""
    stands_in: bool
    """Whether, by the spec, the other site follows the active one."""
    heartbeat_seconds: int
    lease_seconds: int
    witness_region: str | None = None
    database: Database | None = None


@cache
def settings() -> Settings:
    """The function's own."""
    return msgspec.json.decode(os.environ["GUARD"], type=Settings)
