"""What a person reads about a backup, a copy or a restore that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from backup_watch.models import Settings, Watched

RUNBOOK: Final = "docs/runbooks/restore.md"
LONGEST_SUBJECT: Final = 100
"""SNS takes 100 characters of ASCII without line breaks (API Reference, Publish)."""
LONGEST_REASON: Final = 500

WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "Backup Job State Change": (
        "backup",
        "The backups from before are there and can be restored; the newest of them is older than it should be.",
        '"A backup failed"',
    ),
    "Copy Job State Change": (
        "copy to the other region",
        "The backup itself is there. If this region were lost now, the newest copy of before is what there would be.",
        '"A copy failed"',
    ),
    "Restore Job State Change": (
        "restore",
        "The running environment was not touched. A backup that cannot be restored is none.",
        '"A restore test failed"',
    ),
}
"""By the event's detail type: what it is about, what it means, where the runbook goes on."""


@dataclass(frozen=True, slots=True)
class Message:
    """For SNS."""

    subject: str
    body: str


def message(event: Mapping[str, Any], mine: Settings) -> Message | None:
    """None for a job of something that is not this environment's."""
    detail = event["detail"]
    resource = _resource(detail, mine)
    if resource is None or event["detail-type"] not in WORDS:
        return None
    what, means, section = WORDS[event["detail-type"]]
    state = str(detail.get("state") or detail.get("status") or "FAILED")
    job = detail.get("backupJobId") or detail.get("copyJobId") or detail.get("restoreJobId") or "without an ID"
    reason = str(detail.get("statusMessage") or detail.get("message") or "AWS Backup gave no reason")[:LONGEST_REASON]
    return Message(
        f"{mine.prefix}: {what} of the {resource.name} {state}"[:LONGEST_SUBJECT],
        "\n\n".join(
            (
                f"The {what} of the {resource.name} of {mine.prefix} is {state}: {reason}",
                f"Job {job}, of {resource.arn}.",
                means,
                f"What to do: {section} in {RUNBOOK}.",
            )
        ),
    )


def _resource(detail: Mapping[str, Any], mine: Settings) -> Watched | None:
    arn = detail.get("resourceArn") or detail.get("sourceResourceArn")
    if arn is not None:
        return next((each for each in mine.resources if each.arn == arn), None)
    if mine.plan_arn and detail.get("restoreTestingPlanArn") == mine.plan_arn:
        return next((each for each in mine.resources if each.type == detail.get("resourceType")), None)
    return None
