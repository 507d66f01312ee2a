"""One message for each release, whoever is killed on the way.

Two watches of one release may run, since EventBridge delivers at least once, so a watch first claims the message in the
ledger. A claim holds for a minute: whoever dies with it makes room for the next look. A watch that dies between SNS's
answer and the note in the ledger sends the message a second time. That side is chosen on purpose: a message that comes
twice costs a glance, and one about a failed release that never comes costs a night.
"""

from __future__ import annotations

from typing import Final

from release_watch.message import Message
from shared import clock
from shared.aws import client
from shared.ledger import Ledger

ENTRY: Final = "watch#message"
CLAIM_SECONDS: Final = 60
"""Longer than the function's time-out, so that nobody who holds a claim is still at work when it ends."""


def sent(release: str, ledger: Ledger) -> bool:
    """Whether the message is out."""
    return "sent_at" in (ledger.read(release, ENTRY) or {})


def publish(release: str, message: Message, topic_arn: str, ledger: Ledger) -> bool:
    """Send the message unless somebody has, or is about to. Whether it is out."""
    entry, mine = ledger.put_once(release, ENTRY, {"claimed_at": clock.epoch()})
    if "sent_at" in entry:
        return True
    if not mine:
        claimed = entry.get("claimed_at")
        if clock.epoch() - float(claimed or 0) < CLAIM_SECONDS:
            return False
        if not ledger.replace_if(release, ENTRY, "claimed_at", claimed, clock.epoch()):
            return False
    client("sns").publish(TopicArn=topic_arn, Subject=message.subject, Message=message.body)
    ledger.add_once(release, ENTRY, {"sent_at": clock.epoch(), "subject": message.subject}, unless="sent_at")
    return True
