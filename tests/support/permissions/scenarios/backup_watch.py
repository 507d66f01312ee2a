"""What the watch over backups meets: the numbers of each resource, and an event of a backup that failed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from permissions.scene import Scene


def play(scene: Scene) -> None:
    """A quarter of an hour with a vault that has nothing yet, then a failure."""
    mine = json.loads(scene.variables["BACKUPS"])
    scene.aws.answers = {
        "backup.ListBackupJobs": {"BackupJobs": []},
        "backup.ListCopyJobs": {"CopyJobs": []},
        "backup.ListRestoreJobs": {"RestoreJobs": []},
        "backup.ListRecoveryPointsByBackupVault": {"RecoveryPoints": []},
        "backup.DescribeBackupVault": {"BackupVaultName": mine["vault"], "CreationDate": datetime.now(UTC)},
        "backup.GetRestoreTestingPlan": {
            "RestoreTestingPlan": {
                "RestoreTestingPlanName": mine["plan"],
                "RestoreTestingPlanArn": mine["plan_arn"],
                "CreationTime": datetime.now(UTC),
                "RecoveryPointSelection": {},
                "ScheduleExpression": "",
            }
        },
        "cloudwatch.PutMetricData": {},
        "sns.Publish": {"MessageId": "1"},
    }
    scene.invoke({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
    event: dict[str, Any] = {
        "source": "aws.backup",
        "detail-type": "Backup Job State Change",
        "detail": {"state": "FAILED", "resourceArn": mine["resources"][0]["arn"], "backupVaultName": mine["vault"]},
    }
    scene.invoke(event)
    assert any(call.operation == "Publish" for call in scene.aws.calls)
