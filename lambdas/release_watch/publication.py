"""The message about a release: one, though EventBridge delivers at least once and may start two watches of it."""

from __future__ import annotations

from typing import Final

from release_watch.message import Message
from shared import publication
from shared.ledger import Ledger

ENTRY: Final = "watch#message"


def sent(release: str, ledger: Ledger) -> bool:
    """Whether the message is out."""
    return publication.sent(release, ENTRY, ledger)


def publish(release: str, message: Message, topic_arn: str, ledger: Ledger) -> bool:
    """Send the message unless somebody has, or is about to. Whether it is out."""
    return publication.publish(release, ENTRY, message.subject, message.body, topic_arn, ledger)
