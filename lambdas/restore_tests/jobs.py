"""Restore jobs as AWS Backup describes them, and the verdicts that it keeps with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.aws import client
from shared.told import Told

RESTORED: Final = "awsbackup-restore-test-"
"""What the name of every copy begins with that can be named (AWS Backup Developer Guide, restore testing)."""
LONGEST_MESSAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Job:
    """A restore that a test asked for."""

    id: str
    status: str
    reason: str
    created_arn: str
    """Of the copy; empty while there is none."""
    backed_up_at: float
    """Epoch seconds."""
    restored_at: float
    plan_arn: str
    verdict: str
    """`VALIDATING` or empty until somebody gives one; then it stands for good."""
    verdict_reason: str

    @property
    def judged(self) -> bool:
        """Whether there is nothing more to say."""
        return self.verdict in {"SUCCESSFUL", "FAILED", "TIMED_OUT"}

    @property
    def copy_name(self) -> str:
        """Of the restored database or bucket. Raises Told for anything that is no copy: it must never be touched."""
        name = self.created_arn.rpartition(":")[2]
        if not name.startswith(RESTORED):
            raise Told(
                f"{self.created_arn or 'what was restored'} is not called {RESTORED}*, so it is no copy of a test"
            )
        return name


def read(job_id: str) -> Job:
    """The job now."""
    found = client("backup").describe_restore_job(RestoreJobId=job_id)
    created, completed = found.get("RecoveryPointCreationDate"), found.get("CompletionDate")
    return Job(
        id=job_id,
        status=found.get("Status", ""),
        reason=found.get("StatusMessage", ""),
        created_arn=found.get("CreatedResourceArn", ""),
        backed_up_at=created.timestamp() if created else 0.0,
        restored_at=completed.timestamp() if completed else 0.0,
        plan_arn=(found.get("CreatedBy") or {}).get("RestoreTestingPlanArn", ""),
        verdict=found.get("ValidationStatus", ""),
        verdict_reason=found.get("ValidationStatusMessage", ""),
    )


def judge(job: Job, *, whole: bool, reason: str) -> None:
    """Give the verdict."""
    client("backup").put_restore_validation_result(
        RestoreJobId=job.id,
        ValidationStatus="SUCCESSFUL" if whole else "FAILED",
        ValidationStatusMessage=reason[:LONGEST_MESSAGE],
    )
