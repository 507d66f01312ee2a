"""The point of no return: this site's replica becomes a database of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from failover import replica
from failover.run import Run
from failover.steps import files
from shared.aws import client, is_error
from shared.workflow_answer import Answer, done, failed, later

NOT_NOW: Final = ("InvalidDBInstanceState", "InvalidDBInstanceStateFault")
LOOK_SECONDS: Final = 10


def promote(run: Run) -> Answer:
    """Ask RDS for it, once it is certain that nobody else may write."""
    found, database = run.mine, run.plan.database
    lease = run.lease_here.read()
    if lease is None or lease.holder != run.settings.aws_region:
        return failed(f"{run.settings.aws_region} does not hold the lease, so nothing is promoted")
    if database is None:
        if not found.past_no_return:
            run.write(replace(found, no_return_at=run.now))
        files.let_go(run)
        return done("there is no database")
    instance = replica.instance(database.identifier)
    if found.past_no_return and instance.source is None:
        return done("it is a database of its own")
    if instance.source is None:
        return failed(f"{database.identifier} is no replica of any database")
    if instance.status != "available":
        return later(f"the database {database.identifier} is {instance.status}", LOOK_SECONDS)
    if not found.past_no_return:
        run.write(replace(found, no_return_at=run.now))
    try:
        client("rds").promote_read_replica(
            DBInstanceIdentifier=database.identifier,
            BackupRetentionPeriod=database.backup_days,
            PreferredBackupWindow=database.backup_window,
        )
    except Exception as failure:
        if is_error(failure, *NOT_NOW):
            return later("RDS cannot promote it at the moment", LOOK_SECONDS)
        raise
    files.let_go(run)
    return done(f"the promotion of {database.identifier} was asked for")


def promoted(run: Run) -> Answer:
    """Wait for it, by RDS's word and the database's own."""
    database = run.plan.database
    if database is None:
        return done("there is no database")
    instance = replica.instance(database.identifier)
    if instance.status != "available":
        return later(f"the database {database.identifier} is {instance.status}", LOOK_SECONDS)
    with replica.asking(database) as session:
        position = replica.position(session)
        beat = replica.last_beat(session)
    if position.in_recovery:
        return later(f"the database {database.identifier} is still a standby, though RDS calls it {instance.status}")
    found = run.mine
    if found.mode != "switchover" and beat is not None and beat.region == found.from_region:
        # It replays all that it has received before it is promoted.
        run.write(replace(found, replayed_to=beat.written_at.timestamp()))
    return done(f"{database.identifier} takes writes")
