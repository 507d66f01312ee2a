"""What came of it: measured, written down, told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from failover import messages
from failover.keeping import keep
from failover.messages import BACK, Message
from failover.record import Record
from failover.run import Run
from failover.steps import fence
from shared.workflow_answer import Answer, done, later

ITEM: Final = "report#"
"""With the failover's name: item about it, whose attribute `report` is the report."""
STEPS: Final = (
    "approve",
    "gate",
    "fence",
    "catch_up",
    "take",
    "promote",
    "promoted",
    "open",
    "scale",
    "files",
    "switch",
    "verify",
)


def report(run: Run) -> Answer:
    """The report: an item of the table, an object of the bucket, a message."""
    found = run.mine
    told = measured(found)
    keep(run, f"{ITEM}{found.id}", f"failover/{found.id}.json", told)
    if not messages.send(run, found.id, "done", _message(found, told)):
        return later("people are being told", 15)
    # A request that stood would stop that site when it becomes the active one again.
    fence.withdraw(run, found.id)
    run.write(replace(found, state="done"))
    return done(f"recovered in {told['seconds']['from_failure']} s")


def measured(record: Record) -> dict[str, Any]:
    """Times and losses of a failover that went through."""
    serving = record.ended("switch") or record.ended("verify")
    failed_at = record.failed_at
    return {
        "id": record.id,
        "mode": record.mode,
        "because": record.because,
        "by": record.by,
        "approved_by": record.approved_by,
        "from": record.from_region,
        "to": record.to_region,
        "failed_at": iso(failed_at),
        "detected_at": iso(record.detected_at),
        "serving_at": iso(serving),
        "seconds": {
            "from_failure": _between(failed_at, serving),
            "from_detection": _between(record.detected_at, serving),
            "steps": {step: _between(record.began(step), record.ended(step)) for step in STEPS},
        },
        "lost": {
            "after": iso(record.replayed_to),
            "until": iso(record.written_until),
            "at_most_seconds": _between(record.replayed_to, record.written_until),
        },
        "files_as_of": iso(record.files_as_of),
        "notes": record.notes,
        "spec": f"recovery.active: {record.to_region}",
    }


def _message(record: Record, told: Mapping[str, Any]) -> Message:
    seconds, lost = told["seconds"], told["lost"]
    steps = "\n".join(f"  {step}: {took} s" for step, took in seconds["steps"].items() if took is not None)
    paragraphs = [
        f"{record.to_region} is active: users are served from there since {told['serving_at']}.",
        f"Recovery took {seconds['from_failure']} s from the failure, {seconds['from_detection']} s from its detection:\n{steps}",
        f"Lost: at most what was written after {lost['after']} and until {lost['until']}, {lost['at_most_seconds']} s.",
        *([f"Files are as they were at {told['files_as_of']}."] if told["files_as_of"] else []),
        *([f"Not as it should be: {record.notes}."] if record.notes else []),
        f"What to do: write into the spec, under recovery, `active: {record.to_region}`. Deployments are refused until then.",
        f'{record.from_region} is left as it is. The way back: "{BACK}".',
    ]
    return Message(f"{record.to_region} has taken over from {record.from_region}", paragraphs)


def _between(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else round(max(end - begin, 0.0), 1)


def iso(moment: float | None) -> str | None:
    """For people, in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
