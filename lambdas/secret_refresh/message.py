"""What a person reads about a refresh that cannot go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RUNBOOK: Final = "docs/runbooks/mend-a-rotation.md"
LONGEST_SUBJECT: Final = 100
"""SNS takes 100 characters of ASCII without line breaks (API Reference, Publish)."""
BOTH: Final = (
    "Nothing was made invalid: the old and the new login of these secrets both work, so nobody is refused, and the next "
    "rotation of them waits."
)
MEND: Final = (
    'What to do: nothing at once, users are served. In the morning, follow "A service was not refreshed" in the runbook, '
    "mend the cause, and start the refresh by hand. By itself it is tried once more in a day."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that people have to know."""

    about: str
    """In the ledger."""
    entry: str
    """There: one message for each."""
    headline: str
    paragraphs: Sequence[str]
    failure: bool
    """False: it goes on by itself, only later."""


@dataclass(frozen=True, slots=True)
class Message:
    """For SNS."""

    subject: str
    body: str


def not_moved(about: str, key: str, service: str, secrets: Sequence[str], because: str) -> Problem:
    """A service whose tasks could not be replaced."""
    return Problem(
        about,
        f"message#{key}",
        f"{service} still runs with old secrets: {because}",
        [
            f"The tasks of {service} started before {_listed(secrets)} changed, and could not be replaced, because {because}.",
            BOTH,
            MEND,
        ],
        failure=True,
    )


def postponed(about: str, key: str, service: str, secrets: Sequence[str], because: str) -> Problem:
    """A service that must not be deployed now."""
    return Problem(
        about,
        f"message#{key}",
        f"refresh of {service} postponed: {because}",
        [
            f"The tasks of {service} started before {_listed(secrets)} changed. They are not replaced now, because {because}.",
            "That is looked at again every hour, so the refresh is not lost.",
            BOTH,
            'What to do: nothing. For a refresh that cannot wait, see "A refresh is postponed" in the runbook.',
        ],
        failure=False,
    )


def not_retired(about: str, key: str, secret: str, because: str) -> Problem:
    """A secret whose old login is still valid, though nobody needs it."""
    return Problem(
        about,
        f"message#{key}",
        f"the old login of {secret} is still valid: {because}",
        [
            f"Every task has the new value of {secret}, but its old login could not be made invalid: {because}.",
            "The new login works. The old one works too, which it should not for long, and the next rotation waits.",
            'What to do: follow "An old login stays valid" in the runbook. It is tried again every hour.',
        ],
        failure=True,
    )


def message(problem: Problem, *, application: str, environment: str, prefix: str, execution: str) -> Message:
    """The message about `problem`."""
    subject = f"{prefix}: {problem.headline}".encode("ascii", "replace").decode()
    paragraphs = [
        *problem.paragraphs,
        f"Runbook: {RUNBOOK}",
        f"Refresh {execution}, {application} {environment}",
    ]
    return Message(" ".join(subject.split())[:LONGEST_SUBJECT], "\n\n".join(paragraphs) + "\n")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
