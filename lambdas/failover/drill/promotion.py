"""The replica of the copy becomes a database of its own, as the waiting one would: by the same call, with the same backups."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from failover.drill.run import DrillRun
from failover.steps.promote import LOOK_SECONDS, NOT_NOW
from shared import restored_database
from shared.aws import client, is_error
from shared.workflow_answer import Answer, done, failed, later

TERM: Final = "promotion"


def promote(run: DrillRun) -> Answer:
    """Ask for it, wait, and measure from the first call to RDS's word that it is over."""
    known, found = run.known, run.drill
    instance = restored_database.find(known.replica)
    if instance is None:
        return failed(f"there is no database {known.replica}")
    status = str(instance.get("DBInstanceStatus"))
    if status in restored_database.GONE:
        return failed(f"the database {known.replica} is {status}")
    if status != "available":
        return later(f"the database {known.replica} is {status}", LOOK_SECONDS)
    if not instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        if found.promotion_asked_at is None:
            return failed(f"{known.replica} is no replica of any database")
        took = run.now - found.promotion_asked_at
        run.note(replace(found, measured={**found.measured, TERM: took}))
        return done(f"{known.replica} was promoted within {took:.0f} s")
    if found.promotion_asked_at is None:
        run.note(replace(found, promotion_asked_at=run.now))
    try:
        client("rds").promote_read_replica(
            DBInstanceIdentifier=known.replica,
            BackupRetentionPeriod=known.backup_days,
            PreferredBackupWindow=known.backup_window,
        )
    except Exception as failure:
        if not is_error(failure, *NOT_NOW):
            raise
    return later(f"{known.replica} is being promoted", LOOK_SECONDS)
