"""A copy of the database, and its replica: both apart from production.

The copy comes from the newest copy of a backup in this region. Neither the active region nor the waiting replica has a part in
it: a snapshot of that replica would make a failover wait, since RDS promotes none that is being backed up (decision 22).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from failover.drill.models import TAG, Plan
from failover.drill.record import Drill
from failover.drill.run import DrillRun
from shared import restored_database
from shared.aws import client, error_sentence, is_error
from shared.workflow_answer import Answer, done, failed, later

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBSnapshotTypeDef

LOOK_SECONDS: Final = 30
AUTHORITY: Final = "rds-ca-rsa2048-g1"
BACKED_UP_BY: Final = "awsbackup"
"""Type of the snapshots that AWS Backup makes and copies (RDS API, DescribeDBSnapshots)."""
STANDS: Final = ("DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault")
REFUSED: Final = (
    "DBSnapshotNotFound",
    "DBSnapshotNotFoundFault",
    "InstanceQuotaExceeded",
    "InstanceQuotaExceededFault",
    "InsufficientDBInstanceCapacity",
    "InsufficientDBInstanceCapacityFault",
    "InvalidDBSnapshotState",
    "InvalidDBSnapshotStateFault",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "KMSKeyNotAccessibleFault",
    "StorageQuotaExceeded",
    "StorageQuotaExceededFault",
)
"""What asking again would not mend (RDS API, errors of both calls)."""


def restore(run: DrillRun) -> Answer:
    """From the newest backup in this region."""
    known, found = run.known, run.drill
    instance = restored_database.find(known.copy)
    if instance is not None:
        return _there(run, known.copy, instance)
    newest = _newest(known.source)
    if newest is None:
        return failed(
            f"no copy of a backup of {known.source} is in {run.settings.aws_region}: look whether the jobs that copy it "
            "come to their end"
        )
    name, taken = newest["DBSnapshotIdentifier"], newest.get("OriginalSnapshotCreateTime", newest["SnapshotCreateTime"])
    run.note(replace(found, snapshot=name, snapshot_at=taken.timestamp()))
    return _asked(
        known.copy,
        lambda: client("rds").restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=known.copy,
            DBSnapshotIdentifier=name,
            DBSubnetGroupName=known.subnet_group,
            # RDS replicates no database without backups (User Guide, read replicas). Nor one whose password it manages, so
            # that comes after the promotion.
            BackupRetentionPeriod=1,
            **_both(known, found),
        ),
    )


def follow(run: DrillRun) -> Answer:
    """A replica of the copy, which a moment later is promoted as the waiting one would be."""
    known, found = run.known, run.drill
    instance = restored_database.find(known.replica)
    if instance is not None:
        return _there(run, known.replica, instance)
    return _asked(
        known.replica,
        lambda: client("rds").create_db_instance_read_replica(
            DBInstanceIdentifier=known.replica,
            SourceDBInstanceIdentifier=known.copy,
            **_both(known, found),
        ),
    )


def _both(known: Plan, found: Drill) -> dict[str, Any]:
    """What copy and replica are made with."""
    return {
        "DBInstanceClass": known.instance_class,
        "DBParameterGroupName": known.parameter_group,
        "VpcSecurityGroupIds": [known.security_group],
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "EnableIAMDatabaseAuthentication": True,
        "CACertificateIdentifier": AUTHORITY,
        "CopyTagsToSnapshot": False,
        "DeletionProtection": False,
        "Tags": [{"Key": TAG, "Value": found.id}],
    }


def _there(run: DrillRun, name: str, instance: Mapping[str, Any]) -> Answer:
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
    if tags.get(TAG) != run.drill.id:
        return failed(f"there is a database {name} already, which is not this drill's")
    status = str(instance.get("DBInstanceStatus"))
    if status in restored_database.GONE:
        return failed(f"the database {name} is {status}")
    if status != "available":
        return later(f"the database {name} is {status}", LOOK_SECONDS)
    return done(f"the database {name} is there")


def _asked(name: str, ask: Callable[[], object]) -> Answer:
    try:
        ask()
    except Exception as failure:
        if is_error(failure, *STANDS):
            return later(f"the database {name} is being made", LOOK_SECONDS)
        if is_error(failure, *REFUSED):
            return failed(f"RDS refuses: {error_sentence(failure)}")
        raise
    return later(f"the database {name} is being made", LOOK_SECONDS)


def _newest(source: str) -> DBSnapshotTypeDef | None:
    pages = client("rds").get_paginator("describe_db_snapshots")
    found = [
        snapshot
        for page in pages.paginate(DBInstanceIdentifier=source, SnapshotType=BACKED_UP_BY)
        for snapshot in page["DBSnapshots"]
        if snapshot.get("Status") == "available" and "SnapshotCreateTime" in snapshot
    ]
    return max(found, key=lambda each: each.get("OriginalSnapshotCreateTime", each["SnapshotCreateTime"]), default=None)
