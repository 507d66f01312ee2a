"""One message about one thing, whoever is killed on the way.

Two executions may know of the same thing, so each first claims its message in the ledger. A claim holds for a minute:
whoever dies with it makes room for the next look. Who dies between SNS's answer and the note in the ledger sends the
message a second time. That side is chosen on purpose: a message that comes twice costs a glance, and one about a failure
that never comes costs a night.
"""

from __future__ import annotations

from typing import Final, Protocol

from shared import clock
from shared.aws import client
from shared.items import Value
from shared.ledger import Entry, Ledger

CLAIM_SECONDS: Final = 60
"""Longer than a function holds a claim, so that nobody who does is still at work when it ends."""


class Notes(Protocol):
    """Where messages are claimed: the ledger of releases, or another table."""

    def put_once(self, about: str, entry: str, values: Entry, /) -> tuple[Entry, bool]:
        """Write the entry if there is none. What stands there now, and whether this call wrote it."""

    def add_once(self, about: str, entry: str, values: Entry, /, *, unless: str) -> tuple[Entry, bool]:
        """Add to the entry unless it has the attribute `unless`."""

    def replace_if(self, about: str, entry: str, name: str, expected: Value, value: Value, /) -> bool:
        """Set the attribute `name` if it is `expected`. Whether it was."""


def sent(about: str, entry: str, ledger: Ledger) -> bool:
    """Whether the message is out."""
    return "sent_at" in (ledger.read(about, entry) or {})


def publish(
    about: str, entry: str, subject: str, body: str, topic_arn: str, ledger: Notes, *, by: str | None = None
) -> bool:
    """Send the message unless somebody has, or is about to. Whether it is out.

    `about` and `entry`: the keys in the ledger under which it is one message. `by`: who sends it, for the ledger.
    """
    known, mine = ledger.put_once(about, entry, {"claimed_at": clock.epoch()})
    if "sent_at" in known:
        return True
    if not mine:
        claimed = known.get("claimed_at")
        if clock.epoch() - float(claimed or 0) < CLAIM_SECONDS:
            return False
        if not ledger.replace_if(about, entry, "claimed_at", claimed, clock.epoch()):
            return False
    client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=body)
    said: dict[str, Value] = {"sent_at": clock.epoch(), "subject": subject}
    if by is not None:
        said["by"] = by
    ledger.add_once(about, entry, said, unless="sent_at")
    return True
