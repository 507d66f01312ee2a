"""SNS: what is published is told to the rehearsal too, since nobody has a mailbox here."""

from typing import Any

from moto.sns.models import SNSBackend

from rehearsal.emulator.engines import journal

_publish_of_moto: Any = SNSBackend.publish


def publish(self: SNSBackend, message: str, arn: str | None = None, subject: str | None = None, **named: Any) -> Any:  # noqa: ANN401  # moto's
    """Let moto deliver it, and note it."""
    result = _publish_of_moto(self, message, arn=arn, subject=subject, **named)
    journal.note("message", self.region_name, subject or "", topic=arn, message=message)
    return result


def install() -> None:
    """Note what is published from now on."""
    backend: Any = SNSBackend
    backend.publish = publish
