"""What a person reads about a backup that could not be relied on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from restore_tests.jobs import Job
from restore_tests.models import Kind, Settings

RUNBOOK: Final = "docs/runbooks/restore.md"
LONGEST_SUBJECT: Final = 100
"""SNS takes 100 characters of ASCII without line breaks (API Reference, Publish)."""
NAMES: Final[dict[Kind, str]] = {"database": "database", "data": "data bucket", "files": "file system"}


@dataclass(frozen=True, slots=True)
class Message:
    """For SNS."""

    subject: str
    body: str


def failure(mine: Settings, job: Job, faults: Sequence[str]) -> Message:
    """A restored copy is not what it should be."""
    name = NAMES[mine.kind]
    subject = f"{mine.prefix}: a restored copy of the {name} is not whole"
    paragraphs = [
        f"A backup of the {name} of {mine.prefix} was restored to be tested, and the copy is not what it should be:",
        "\n".join(f"- {fault}" for fault in faults),
        f"Restore job {job.id}; the copy is {job.created_arn}. AWS Backup removes it now that there is a verdict.",
        "Users are served: the running environment was not touched.",
        f'What to do: today, "A restore test failed" in {RUNBOOK}.',
        f"Until the cause is known, count on no backup of the {name} that was taken after the last test that succeeded.",
    ]
    return Message(subject[:LONGEST_SUBJECT], "\n\n".join(paragraphs))
