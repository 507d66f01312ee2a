"""The heartbeat of the database that takes writes: a row which the replica has a moment later.

It stands in the database `postgres`, in a schema that belongs to the server's administrator. Its age at a replica is what a
promotion would lose. RDS's ReplicaLag is no such number: it grows on a source where nobody writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.postgresql_connection import Limits, Session

DATABASE: Final = "postgres"
"""RDS makes it at every server, and the administrator owns it (RDS User Guide, master user account privileges)."""

BRISK: Final = Limits(
    "understudy-recovery",
    1.5,
    3.0,
    {
        "statement_timeout": "2s",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "5s",
        "idle_session_timeout": "30s",
        # Whatever the server's own is: a fence that a crash undid would let in whom the other region has replaced.
        "synchronous_commit": "on",
    },
)
"""For whoever asks again in a few seconds."""

_SCHEMA: Final = "CREATE SCHEMA IF NOT EXISTS understudy"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS understudy.heartbeat (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    region text NOT NULL,
    epoch bigint NOT NULL,
    beat bigint NOT NULL,
    written_at timestamptz NOT NULL
)
"""
_KNOWN: Final = "SELECT to_regclass('understudy.heartbeat') IS NOT NULL"
_LAST: Final = "SELECT region, epoch, beat, written_at FROM understudy.heartbeat"
_BEAT: Final = """
INSERT INTO understudy.heartbeat AS h (region, epoch, beat, written_at) VALUES (:region, :epoch, 1, clock_timestamp())
ON CONFLICT (one) DO UPDATE SET region = excluded.region, epoch = excluded.epoch, beat = h.beat + 1,
    written_at = excluded.written_at
    WHERE :after = -1 OR h.beat = :after
RETURNING region, epoch, beat, written_at
"""
ANY: Final = -1


@dataclass(frozen=True, slots=True)
class Beat:
    """What the row says."""

    region: str
    epoch: int
    """Of the lease by which it was written; 0 before there was one."""
    number: int
    written_at: datetime
    """By the clock of the server that wrote it."""


def prepare(session: Session) -> None:
    """Make schema and table where they are missing. The session is in the database `postgres`, at the primary."""
    if not session.value(_KNOWN):
        session.run(_SCHEMA)
        session.run(_TABLE)


def beat(session: Session, region: str, epoch: int, *, after: int = ANY) -> Beat | None:
    """Write the next one; `after`: only if the last one has this number (0: if there is none), else None.

    Holds the row until the transaction ends, so that two who write follow each other.
    """
    rows = session.run(_BEAT, region=region, epoch=epoch, after=after)
    return Beat(*rows[0]) if rows else None


def last(session: Session) -> Beat | None:
    """The last one that this server has, by its own write or replayed; None before the first."""
    if not session.value(_KNOWN):
        return None
    rows = session.run(_LAST)
    return Beat(*rows[0]) if rows else None
