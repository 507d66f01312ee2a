"""What people read about a failover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from failover.run import Run
from shared.publication import publish

RUNBOOK: Final = "docs/runbooks/fail-over.md"
BY_HAND: Final = '"Fail over by hand" in the runbook'
BACK: Final = "docs/runbooks/fail-back.md"
LONGEST_SUBJECT: Final = 100
"""SNS takes 100 characters of ASCII without line breaks (API Reference, Publish)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One for people; the environment and the execution are added."""

    headline: str
    paragraphs: Sequence[str]
    runbook: str = RUNBOOK


def given_up(run: Run, because: str) -> Message:
    """Nothing was changed, or all of it was put back."""
    here, peer = run.settings.aws_region, run.settings.peer_region
    lease = run.lease_here.read()
    if lease is not None and lease.holder == here:
        state = f"Nothing is changed: {here} is active. How it came to that, and what became of it: `understudy failover status`."
        advice = f'What to do: nothing if users are served. The way back to {peer}: "{BACK}".'
    else:
        state = f"Nothing is changed: {peer} is active, as far as it is up, and this region follows it."
        advice = f"What to do: nothing if users are served. If {peer} is lost, or a loss has to be accepted: {BY_HAND}."
    begun = f"A failover from {peer} to {here} was looked at and has ended: {because}."
    return Message(f"not failed over: {because}", [begun, state, advice])


def question(run: Run, step: str, text: str, *, past_no_return: bool) -> Message:
    """A person has to answer."""
    settings = run.settings
    chosen = f"--app {settings.application} --env {settings.environment}"
    state = (
        "The database of this region is promoted, or is being promoted: there is no way back, only forward."
        if past_no_return
        else "Nothing is changed yet."
    )
    return Message(
        f"failover waits for you: {step}",
        [
            text,
            state,
            f"Answer with: understudy failover approve {chosen}",
            f"or with: understudy failover refuse {chosen}",
            f'What either means for {settings.prefix}: "It waits for an answer" in the runbook.',
        ],
    )


def stopped(run: Run, step: str, because: str) -> Message:
    """A failover that has passed the point of no return, and at which nobody is at work now."""
    return Message(
        f"failover stopped at {step}: {because}",
        [
            f"The failover to {run.settings.aws_region} has stopped at the step {step}: {because}.",
            f"It has passed the point of no return: only this region can become active, and {run.settings.peer_region} stays off.",
            'What to do: mend the cause and go on. "It stopped after the point of no return" in the runbook.',
        ],
    )


def send(run: Run, about: str, entry: str, message: Message) -> bool:
    """Send it unless it is out. Whether it is."""
    settings = run.settings
    headline = f"{settings.prefix}: {message.headline}".encode("ascii", "replace").decode()
    subject = " ".join(headline.split())[:LONGEST_SUBJECT]
    last = (f"Runbook: {message.runbook}", f"{settings.application} {settings.environment}, execution {run.name}")
    body = "\n\n".join([*message.paragraphs, *last]) + "\n"
    return publish(f"message#{about}", entry, subject, body, settings.topic_arn, run.own)
