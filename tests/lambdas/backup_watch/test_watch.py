"""How old backups, copies and tests are, and who hears of those that failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from permissions.recorded_aws import Refused
from restoring.world import ACCOUNT, PLAN, REGION, TOPIC, World, world

from backup_watch.handler import handler
from backup_watch.models import settings
from shared import clock
from shared.told import Told

DATABASE: Final = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop-prod-db"
BUCKET: Final = "arn:aws:s3:::shop-prod-data"
THERE: Final = f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:shop-prod-backups"
NOW: Final = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
SCHEDULED: Final = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def hours(number: float) -> datetime:
    """So many ago."""
    return NOW - timedelta(hours=number)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A night on which all is well."""
    settings.cache_clear()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    told = {
        "prefix": "shop-prod",
        "vault": "shop-prod-backups",
        "topic_arn": TOPIC,
        "resources": [
            {"name": "database", "arn": DATABASE, "type": "RDS"},
            {"name": "data", "arn": BUCKET, "type": "S3"},
        ],
        "copies_arn": THERE,
        "plan": "shop_prod",
        "plan_arn": PLAN,
        "validation_hours": 6,
    }
    with world(BACKUPS=json.dumps(told)) as made:
        job = {"State": "COMPLETED", "CreationDate": hours(3), "InitiationDate": hours(2.5), "CompletionDate": hours(2)}
        test = {
            "Status": "COMPLETED",
            "CreationDate": hours(45),
            "CompletionDate": hours(44),
            "CreatedResourceArn": "arn:aws:rds:us-west-2:1:db:awsbackup-restore-test-1",
            "ResourceType": "RDS",
            "ValidationStatus": "SUCCESSFUL",
            "DeletionStatus": "SUCCESSFUL",
        }
        made.recorded.answers |= {
            "backup.ListBackupJobs": {"BackupJobs": [job]},
            "backup.ListCopyJobs": {"CopyJobs": [{"State": "COMPLETED", "CreationDate": hours(2)}]},
            "backup.ListRecoveryPointsByBackupVault": {
                "RecoveryPoints": [{"Status": "COMPLETED", "CreationDate": hours(3)}]
            },
            "backup.ListRestoreJobs": {"RestoreJobs": [test]},
            "backup.DescribeBackupVault": {"CreationDate": hours(30)},
            "backup.GetRestoreTestingPlan": {
                "RestoreTestingPlan": {
                    "RestoreTestingPlanName": "shop_prod",
                    "RestoreTestingPlanArn": PLAN,
                    "CreationTime": hours(24 * 5),
                    "RecoveryPointSelection": {},
                    "ScheduleExpression": "cron(0 6 ? * SUN *)",
                }
            },
            "cloudwatch.PutMetricData": {},
        }
        yield made
    settings.cache_clear()


def numbers(aws: World, resource: str = "database") -> dict[str, float]:
    """What a look writes down about one resource."""
    aws.recorded.calls.clear()
    handler(SCHEDULED, None)
    (written,) = [
        asked["MetricData"]
        for asked in aws.made("PutMetricData")
        if asked["MetricData"][0]["Dimensions"][1]["Value"] == resource
    ]
    return {datum["MetricName"]: datum["Value"] for datum in written}


def answer(aws: World, operation: str, *things: dict[str, Any]) -> None:
    """Let AWS Backup list these."""
    member = {
        "ListBackupJobs": "BackupJobs",
        "ListCopyJobs": "CopyJobs",
        "ListRestoreJobs": "RestoreJobs",
        "ListRecoveryPointsByBackupVault": "RecoveryPoints",
    }[operation]
    aws.recorded.answers[f"backup.{operation}"] = {member: list(things)}


def test_R1_a_good_night_in_numbers(aws: World) -> None:
    """Of each resource: ages, and that nothing failed, runs late or was left."""
    expected = {
        "FailedBackup": 0.0,
        "RunningMinutes": 0.0,
        "BackupAgeHours": 3.0,
        "FailedCopy": 0.0,
        "CopyAgeHours": 2.0,
        "FailedRestoreTest": 0.0,
        "RestoreTestAgeDays": 45 / 24,
        "CopiesLeft": 0.0,
    }
    assert expected == numbers(aws) == numbers(aws, "data")
    assert {"Understudy/Backups"} == {asked["Namespace"] for asked in aws.made("PutMetricData")}


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "ABORTED", "PARTIAL"])
def test_R1_the_last_backup_that_failed_counts_until_one_succeeds(aws: World, state: str) -> None:
    """The order of the list tells nothing."""
    failed = {"State": state, "CreationDate": hours(3)}
    good = {"State": "COMPLETED", "CreationDate": hours(27)}
    answer(aws, "ListBackupJobs", failed, good)
    assert 1.0 == numbers(aws)["FailedBackup"]
    answer(aws, "ListBackupJobs", failed, {"State": "COMPLETED", "CreationDate": hours(1)}, good)
    assert 0.0 == numbers(aws)["FailedBackup"]


def test_R1_a_backup_is_late_from_its_start_not_from_when_it_was_asked_for(aws: World) -> None:
    """It may wait an hour before it starts."""
    running = {"State": "RUNNING", "CreationDate": hours(2.5), "InitiationDate": hours(1.5)}
    answer(aws, "ListBackupJobs", running, {"State": "PENDING", "CreationDate": hours(3)})
    assert 90.0 == numbers(aws)["RunningMinutes"]


@pytest.mark.parametrize(("ended", "minutes"), [(0.2, 78.0), (0.3, 0.0)])
def test_R1_a_backup_that_was_late_counts_once_when_it_has_ended(aws: World, ended: float, minutes: float) -> None:
    """It may have come to its end between two looks; the one after that is content."""
    job = {"State": "COMPLETED", "InitiationDate": hours(1.5), "CreationDate": hours(2), "CompletionDate": hours(ended)}
    answer(aws, "ListBackupJobs", job)
    assert minutes == pytest.approx(numbers(aws)["RunningMinutes"])


def test_R1_without_a_backup_the_vaults_age_counts(aws: World) -> None:
    """A new environment has none for a day, and is not late for that; later it is."""
    answer(aws, "ListRecoveryPointsByBackupVault", {"Status": "PARTIAL", "CreationDate": hours(1)})
    assert 30.0 == numbers(aws)["BackupAgeHours"]
    aws.recorded.answers["backup.DescribeBackupVault"] = {"CreationDate": hours(24 * 400)}
    assert 8 * 24.0 == numbers(aws)["BackupAgeHours"]


def test_R2_a_copy_that_failed_counts(aws: World) -> None:
    """And where there never was one, the vault's age is what would be lost."""
    answer(aws, "ListCopyJobs", {"State": "FAILED", "CreationDate": hours(2)})
    found = numbers(aws)
    assert (1.0, 30.0) == (found["FailedCopy"], found["CopyAgeHours"])


@pytest.mark.parametrize(
    "test",
    [
        {"Status": "FAILED"},
        {"Status": "COMPLETED", "ValidationStatus": "FAILED"},
        {"Status": "COMPLETED", "ValidationStatus": "TIMED_OUT"},
    ],
    ids=["not restored", "not whole", "not looked into"],
)
def test_R2_the_last_test_that_failed_counts(aws: World, test: dict[str, Any]) -> None:
    """Whatever of it failed."""
    good = {"Status": "COMPLETED", "ValidationStatus": "SUCCESSFUL", "CreationDate": hours(9 * 24)}
    answer(aws, "ListRestoreJobs", {**test, "CreationDate": hours(2)}, good)
    found = numbers(aws)
    assert (1.0, 9.0) == (found["FailedRestoreTest"], found["RestoreTestAgeDays"])


def test_R2_where_nothing_was_ever_tested_the_plans_age_counts(aws: World) -> None:
    """A plan whose restores never begin has no job that could fail."""
    answer(aws, "ListRestoreJobs")
    found = numbers(aws)
    assert (0.0, 5.0) == (found["FailedRestoreTest"], found["RestoreTestAgeDays"])
    assert "shop_prod" == aws.made("GetRestoreTestingPlan")[0]["RestoreTestingPlanName"]


@pytest.mark.parametrize(
    ("kind", "age", "status", "left"),
    [
        ("RDS", 29, None, 0.0),
        ("RDS", 31, None, 1.0),
        ("RDS", 31, "FAILED", 1.0),
        ("RDS", 99, "SUCCESSFUL", 0.0),
        ("S3", 31, "DELETING", 0.0),
        ("S3", 103, "DELETING", 1.0),
    ],
)
def test_R2_a_copy_that_is_still_there_is_counted(
    aws: World, kind: str, age: float, status: str | None, left: float
) -> None:
    """Six hours for the look and a day to remove it; a bucket is emptied by a rule, and has four."""
    job = {
        "Status": "COMPLETED",
        "CreationDate": hours(age + 1),
        "CompletionDate": hours(age),
        "CreatedResourceArn": "arn",
        "ResourceType": kind,
        "ValidationStatus": "SUCCESSFUL",
        **({"DeletionStatus": status} if status else {}),
    }
    answer(aws, "ListRestoreJobs", job)
    assert left == numbers(aws)["CopiesLeft"]


def test_R1_one_resource_that_cannot_be_looked_at_hides_no_other(aws: World) -> None:
    """The others' numbers are written, then the function fails, which rings."""
    lists: Any = aws.recorded.answers["backup.ListBackupJobs"]

    aws.recorded.answers["backup.ListBackupJobs"] = lambda asked: (
        Refused("AccessDeniedException", "no") if asked["ByResourceArn"] == DATABASE else lists
    )
    with pytest.raises(Told, match="database: ListBackupJobs: AccessDeniedException: no"):
        handler(SCHEDULED, None)
    assert 1 == len(aws.made("PutMetricData"))


EVENTS: Final = {
    "backup": (
        {
            "detail-type": "Backup Job State Change",
            "detail": {
                "backupJobId": "b-1",
                "state": "EXPIRED",
                "resourceArn": DATABASE,
                "statusMessage": "It did not start within an hour",
            },
        },
        "shop-prod: backup of the database EXPIRED",
        ["It did not start within an hour", "Job b-1", '"A backup failed" in docs/runbooks/restore.md'],
    ),
    "copy": (
        {
            "detail-type": "Copy Job State Change",
            "detail": {"copyJobId": "c-1", "state": "FAILED", "resourceArn": BUCKET},
        },
        "shop-prod: copy to the other region of the data FAILED",
        ["AWS Backup gave no reason", "Job c-1", '"A copy failed"'],
    ),
    "restore": (
        {
            "detail-type": "Restore Job State Change",
            "detail": {
                "restoreJobId": "r-1",
                "status": "FAILED",
                "resourceType": "S3",
                "restoreTestingPlanArn": PLAN,
                "statusMessage": "Access denied",
            },
        },
        "shop-prod: restore of the data FAILED",
        ["Access denied", "Job r-1", '"A restore test failed"'],
    ),
}


@pytest.mark.parametrize(("event", "subject", "words"), EVENTS.values(), ids=EVENTS)
def test_R1_people_hear_at_once_of_what_failed(
    aws: World, event: dict[str, Any], subject: str, words: list[str]
) -> None:
    """In words, with the job and where the runbook goes on."""
    handler({"source": "aws.backup", **event}, None)
    (message,) = aws.published
    assert subject == message["Subject"]
    assert [] == [each for each in words if each not in message["Message"]]


def test_R1_of_another_environments_jobs_nobody_hears(aws: World) -> None:
    """Events come for the whole account."""
    detail = {"state": "FAILED", "resourceArn": f"{DATABASE}-of-others"}
    handler({"source": "aws.backup", "detail-type": "Copy Job State Change", "detail": detail}, None)
    handler({"source": "aws.backup", "detail-type": "Restore Job State Change", "detail": {"status": "FAILED"}}, None)
    assert [] == aws.published
