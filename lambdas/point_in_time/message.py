"""What a person reads once the database is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from point_in_time.models import Request, Settings
from shared.census import Census
from shared.restored_database import Restored

RUNBOOK: Final = "docs/runbooks/restore-to-a-point-in-time.md"
LONGEST_SUBJECT: Final = 100
"""SNS takes 100 characters of ASCII without line breaks (API Reference, Publish)."""


@dataclass(frozen=True, slots=True)
class Message:
    """For SNS."""

    subject: str
    body: str


def restored(request: Request, mine: Settings, database: Restored, found: Census, remarks: Sequence[str]) -> Message:
    """Where it is, what is in it, what comes next. No password: where it is kept."""
    rows = sum(part.count for part in found.parts.values())
    compared = "\n".join(f"- {remark}" for remark in remarks) or "- everything that the manifest has is there"
    where = (
        f"It is {database.name}, at {database.endpoint}. The password of its administrator is in Secrets Manager: "
        f"{database.secret_arn}. Every other login in it has the password of that moment."
    )
    paragraphs = (
        f"The database of {mine.prefix} was restored to {request.moment}, beside the running one, as {request.by} asked.",
        where,
        f"It has {len(found.parts)} tables with {rows} rows. Held against the last manifest from before that moment:\n{compared}",
        f"The running database {mine.database} was not touched, and nobody uses the restored one yet.",
        f'What to do: "It is there" in {RUNBOOK}: copy back what is missing, or let it take the place of the running one.',
        "Then remove what is no longer needed: it costs as much as the running one.",
    )
    return Message(f"{mine.prefix}: database of {request.moment} is there"[:LONGEST_SUBJECT], "\n\n".join(paragraphs))
