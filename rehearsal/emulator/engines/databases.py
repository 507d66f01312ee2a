"""Databases of RDS that really run: each has a server of the data plane, and a promotion is the server's own."""

from typing import Any

from moto.rds.models import DBInstance, rds_backends

from rehearsal.emulator.engines import journal, reach
from rehearsal.emulator.engines.data_plane import DatabaseOrder
from rehearsal.emulator.engines.setting import SETTING, in_background

LOOK_SECONDS = 1.0
PASSWORD = "rehearsed_password"  # noqa: S105  # an attribute's name
"""Where the administrator's password is kept: moto forgets it."""


class Unreachable(Exception):  # noqa: N818  # reads as what happened
    """The source of a replica is in a region that is dark, or that this one does not reach."""


def look_for(source: str, region: str) -> None:
    """Raise Unreachable when a replica in `region` could not be made of this source, an ARN or a name."""
    of = source.split(":")[3] if source.startswith("arn:") else region
    if not reach.now().reaches(region, of):
        raise Unreachable(f"{source} does not answer")


def start(database: DBInstance) -> None:
    """Have its server, and wait until it runs."""
    source = source_of(database)
    if SETTING.played:
        SETTING.data_plane.start_database(
            DatabaseOrder(
                host=database.address,
                region=database.region,
                port=int(database.port or 0),
                source=source.address if source else None,
                user=str(getattr(database, "master_username", "") or ""),
                password=str(getattr(database, PASSWORD, "")),
                name=str(database.db_name or ""),
            )
        )


def promote(database: DBInstance) -> None:
    """Begin the promotion; the instance is `modifying` until its server takes writes."""
    if not SETTING.played:
        _promoted(database)
        return
    database.status = "modifying"
    journal.note("database", database.region, f"{database.db_instance_identifier} is being promoted")
    SETTING.data_plane.promote_database(database.address)
    in_background(f"promotion of {database.db_instance_identifier}", _finish, database)


def _finish(database: DBInstance) -> None:
    while True:
        reach.wait_for_light(database.region)
        if SETTING.data_plane.database_role(database.address) == "primary":
            break
        SETTING.clock.sleep(LOOK_SECONDS)
    _promoted(database)
    database.status = "available"
    journal.note("database", database.region, f"{database.db_instance_identifier} is promoted")


def _promoted(database: DBInstance) -> None:
    source = source_of(database)
    if source is not None:
        names = (database.db_instance_identifier, database.db_instance_arn)
        source.replicas = [one for one in source.replicas if one not in names]
    database.is_replica = False
    database.source_db_instance_identifier = None


def stop(database: DBInstance) -> None:
    """Have its server gone."""
    if SETTING.played:
        SETTING.data_plane.stop_database(database.address)


def attach() -> None:
    """Have every database's server, sources first: an emulator became a rehearsal's after it had been filled."""
    waiting = [
        database
        for regions in list(rds_backends.values())
        for backend in list(regions.values())
        for database in list(backend.databases.values())
    ]
    for database in sorted(waiting, key=_depth):
        start(database)


def _depth(database: DBInstance) -> int:
    source = source_of(database)
    return 0 if source is None else 1 + _depth(source)


def source_of(database: DBInstance) -> Any:  # noqa: ANN401  # moto's; None for what is no replica
    """Return what a replica follows; None too when it is gone."""
    name = database.source_db_instance_identifier
    if not name:
        return None
    region, identifier = (name.split(":")[3], name.rpartition(":")[2]) if name.startswith("arn:") else (None, name)
    return rds_backends[database.account_id][region or database.region].databases.get(identifier)
