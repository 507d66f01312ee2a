"""The database of the waiting site: a replica until it is promoted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from failover.models import Database
from shared import administrators, heartbeat
from shared.aws import client
from shared.heartbeat import Beat
from shared.postgresql_administrator import administering
from shared.postgresql_connection import Endpoint, Session

_POSITIONS = """
SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn()::text, pg_last_wal_replay_lsn()::text,
    pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()
"""
_STREAMING = "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')"
_REACHED = "SELECT pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn)"


@dataclass(frozen=True, slots=True)
class Position:
    """How far the write-ahead log has come."""

    in_recovery: bool
    """A standby's word; false once it is promoted."""
    received: str | None
    replayed: str | None
    caught_up: bool
    """Whether all that was received is replayed."""


@contextmanager
def asking(database: Database) -> Iterator[Session]:
    """A session of the administrator's. Raises Told."""
    endpoint = Endpoint(database.host, database.port)
    logins = administrators.logins(database.administrator)
    with administering(endpoint, logins, heartbeat.DATABASE, limits=heartbeat.BRISK) as session:
        yield session


def last_beat(session: Session) -> Beat | None:
    """The newest heartbeat that it has."""
    return heartbeat.last(session)


def position(session: Session) -> Position:
    """Where it is."""
    ((in_recovery, received, replayed, caught_up),) = session.run(_POSITIONS)
    # One that was started without a connection to its primary has received nothing.
    return Position(in_recovery, received, replayed, caught_up is not False)


def streaming(session: Session) -> bool:
    """Whether it is connected to the database that it follows."""
    return bool(session.value(_STREAMING))


def reached(session: Session, wanted: str) -> bool:
    """Whether it has replayed everything up to `wanted`, a position of the database that it follows."""
    return bool(session.value(_REACHED, position=wanted))


@dataclass(frozen=True, slots=True)
class Instance:
    """The same as RDS knows it."""

    status: str
    source: str | None
    """What it is a replica of."""


def instance(identifier: str) -> Instance:
    """As RDS describes it."""
    found = client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
    return Instance(found["DBInstanceStatus"], found.get("ReadReplicaSourceDBInstanceIdentifier"))
