"""One look at a restore to a moment: asks for it, waits, looks into it, and says what to do with it."""

from __future__ import annotations

from typing import Any, Final

from point_in_time.message import restored
from point_in_time.models import Request, Settings
from shared import census_comparison, clock, database_census, restored_database
from shared.aws import client, error_sentence, is_error
from shared.census_comparison import Limits
from shared.log import logger
from shared.manifests import Manifests
from shared.postgresql_connection import connected
from shared.restored_database import Lost, NotYet, Restored
from shared.told import Told
from shared.workflow_answer import Answer, done, later

TAG: Final = "understudy:restored-to"
LOGS: Final = ("postgresql", "upgrade")
AUTHORITY: Final = "rds-ca-rsa2048-g1"
RESTORING_SECONDS: Final = 60
REFUSED: Final = (
    "DBInstanceNotFound",
    "DBInstanceNotFoundFault",
    "InvalidDBInstanceState",
    "InvalidDBInstanceStateFault",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "InvalidRestoreFault",
    "PointInTimeRestoreNotEnabled",
    "PointInTimeRestoreNotEnabledFault",
)
"""What asking again would not mend (RDS API, RestoreDBInstanceToPointInTime, errors)."""
COMPARED: Final = Limits(fewer_percent=10.0, changed_percent=5.0, newest_hours=None)
"""What is told beside the result. Whoever goes back in time may want to have fewer rows, so nothing of it is a failure."""


def look(request: Request, mine: Settings) -> Answer:
    """How far the restore is. The running database is described and never changed."""
    if request.environment != mine.prefix:
        return Answer("FAILED", f"this is {mine.prefix}; the request names {request.environment!r}. Nothing was done")
    try:
        target = mine.target(request)
    except Told as known:
        return Answer("FAILED", f"{known}. Nothing was done")
    found = restored_database.find(target)
    if found is None:
        return _restore(request, mine, target)
    tags = {tag["Key"]: tag["Value"] for tag in found.get("TagList", [])}
    if tags.get(TAG) != request.moment:
        return Answer("FAILED", f"there is a database {target} already that was not restored for {request.moment}")
    match restored_database.look(target, mine.secrets_key_arn):
        case NotYet(reason):
            return later(reason, restored_database.WAIT_SECONDS)
        case Lost(reason):
            return Answer("FAILED", f"{reason}. Remove it before asking again")
        case database:
            return _report(request, mine, database)


def _restore(request: Request, mine: Settings, target: str) -> Answer:
    """Beside the running one, as that is: its groups, its key, its network."""
    moment = request.at()
    when: dict[str, Any] = {"UseLatestRestorableTime": True} if moment is None else {"RestoreTime": moment}
    try:
        client("rds").restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=mine.database,
            TargetDBInstanceIdentifier=target,
            DBInstanceClass=mine.instance_class,
            DBSubnetGroupName=mine.subnet_group,
            DBParameterGroupName=mine.parameter_group,
            VpcSecurityGroupIds=[mine.security_group],
            MultiAZ=mine.multi_az,
            PubliclyAccessible=False,
            EnableIAMDatabaseAuthentication=True,
            EnableCloudwatchLogsExports=list(LOGS),
            CACertificateIdentifier=AUTHORITY,
            CopyTagsToSnapshot=True,
            AutoMinorVersionUpgrade=True,
            BackupRetentionPeriod=mine.backup_days,
            ManageMasterUserPassword=True,
            MasterUserSecretKmsKeyId=mine.secrets_key_arn,
            Tags=[{"Key": TAG, "Value": request.moment}, {"Key": "understudy:restored-by", "Value": request.by}],
            **when,
        )
    except Exception as failure:
        if is_error(failure, "DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault"):
            return later(f"{target} is being restored", RESTORING_SECONDS)
        if is_error(failure, *REFUSED):
            return Answer("FAILED", f"RDS refuses: {error_sentence(failure)}. Nothing was done")
        raise
    logger.info("Restoring", extra={"target": target, "moment": request.moment})
    return later(f"{target} is being restored", RESTORING_SECONDS)


def _report(request: Request, mine: Settings, database: Restored) -> Answer:
    try:
        with connected(database.endpoint, database.administrator(), mine.name, database_census.LOOK) as session:
            found = database_census.take(session, mine.columns, sampled=database_census.LOOKED_THROUGH)
    except Told as known:
        return later(str(known), restored_database.WAIT_SECONDS)
    moment = request.at()
    at = clock.epoch() if moment is None else moment.timestamp()
    manifest, before = Manifests(mine.records_bucket, "database").before(at) if mine.records_bucket else (None, None)
    remarks = (
        census_comparison.faults(manifest, before, found, backed_up_at=at, limits=COMPARED, unit="rows")
        if manifest
        else ["there is no manifest from before that moment to compare it with"]
    )
    told = restored(request, mine, database, found, remarks)
    client("sns").publish(TopicArn=mine.topic_arn, Subject=told.subject, Message=told.body)
    return done(
        f"{database.name} is there, at {database.endpoint}; its administrator's login is in {database.secret_arn}"
    )
