"""What a person reads about a release: in a mail, on a telephone, at night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from release_watch.affected import Affected

Outcome = Literal["live", "again", "taken back", "unclear"]

RUNBOOK: Final = "docs/runbooks/roll-back-a-release.md"
LONGEST_SUBJECT: Final = 100
"""SNS takes 100 characters of ASCII without line breaks (API Reference, Publish)."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a message is made of."""

    application: str
    environment: str
    prefix: str
    region: str
    service: str
    release: str
    outcome: Outcome
    new_image: str
    live_image: str
    """What serves now; "nothing that can be named" where that is so."""
    serving: str
    """How it serves: a clause."""
    causes: Sequence[str] = ()
    affected: Affected | None = None
    affected_unknown: str | None = None
    """Why there are no numbers; None when there are, or when no user was reached."""
    shared_group: bool = False
    """Old and new answered in one target group, so nobody can tell their requests apart."""
    way_back: str | None = None
    database_unclear: bool = False
    broken_glass: str | None = None
    refresh: bool = False
    """Nothing was released: what was live got new values of its secrets."""


@dataclass(frozen=True, slots=True)
class Message:
    """For SNS."""

    subject: str
    body: str


def message(report: Report) -> Message:
    """The message about a release that has ended."""
    subject = f"{report.prefix} {report.service}: {_headline(report)}".encode("ascii", "replace").decode()
    paragraphs = [_happened(report)]
    if report.outcome not in ("live", "again"):
        paragraphs.append("\n".join(["Why:", *(f"- {cause}" for cause in report.causes)]))
        paragraphs.append(_users(report))
        if report.way_back:
            paragraphs.append(report.way_back)
    paragraphs.append(f"Live now: {report.live_image} ({report.serving}).")
    if report.broken_glass:
        paragraphs.append(report.broken_glass)
    if next_step := _next(report):
        paragraphs.append(f"What to do: {next_step}")
        paragraphs.append(f"Runbook: {RUNBOOK}")
    paragraphs.append(f"Release {report.release}, {report.application} {report.environment}, {report.region}")
    return Message(" ".join(subject.split())[:LONGEST_SUBJECT], "\n\n".join(paragraphs) + "\n")


def _headline(report: Report) -> str:
    if report.outcome == "live":
        return "released"
    if report.outcome == "again":
        return "the old version was deployed again, and is live"
    if report.database_unclear:
        return "taken back, BUT ITS DATABASE IS NOT"
    if report.outcome == "taken back":
        return f"release taken back: {report.causes[0] if report.causes else 'nobody gave a reason'}"
    return "RELEASE FAILED, AND IT IS UNCLEAR WHAT IS LIVE"


def _happened(report: Report) -> str:
    name = f"{report.service} of {report.prefix}"
    match report.outcome:
        case "live":
            return f"{name}: {report.new_image} is live."
        case "again":
            return (
                f"{name}: this was no new release. {report.new_image} had been live before it, as it is when CloudFormation "
                "deploys the old version once more after a failed release."
            )
        case "taken back":
            return f"{name}: {report.new_image} was released, failed, and was taken back. The version before it serves again."
        case "unclear" if report.refresh:
            return (
                f"{name}: {report.new_image} was deployed once more, for new values of its secrets, which failed, and it is "
                "unclear whether its tasks serve. SOMEBODY HAS TO LOOK NOW."
            )
        case "unclear":
            return (
                f"{name}: {report.new_image} was released and failed, and it is unclear whether the version before it serves "
                "again. SOMEBODY HAS TO LOOK NOW."
            )


def _users(report: Report) -> str:
    if report.affected_unknown:
        return f"How many requests were affected is unknown: {report.affected_unknown}."
    found = report.affected
    if found is None:
        return "No user's request reached the new version."
    who = "Old and new version together" if report.shared_group else "The new version"
    return (
        f"{who} answered {_count(found.requests, 'request')} between {_time(found.start)} and {_time(found.end)} UTC, of which "
        f"{found.failures:,} failed (5xx, or no task took it). Whole minutes are counted, so requests of the release's own "
        "tests may be among them."
    )


def _next(report: Report) -> str | None:
    service, environment = report.service, report.environment
    keep_out = (
        f"keep this version from going out again: understudy rollback {service} --env {environment} --app {report.application} "
        '--because "..."'
    )
    if report.outcome == "unclear" and report.refresh:
        return 'follow "It is unclear what is live" in the runbook now. The version is not at fault: keep it'
    if report.outcome == "unclear":
        return f'follow "It is unclear what is live" in the runbook now. Then {keep_out}'
    if report.database_unclear:
        return f'follow "The database has not gone back" in the runbook now. Then {keep_out}'
    if report.outcome == "taken back":
        return f"nothing at once, users are served. In the morning, find the fault, and {keep_out}"
    return None


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _time(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M")
