"""The end of a rotation: once every consumer has moved, only the current login stays valid.

Whoever retires must not meet a rotation that makes the other login valid at the same time. Each says first what it is
about to do, and then looks for the other: this module puts a label, setSecret comes after the pending value was put. So
of two that meet at least one sees the other; the retirement withdraws, and setSecret waits.
"""

from __future__ import annotations

from typing import Final, Literal, TypedDict

from secret_rotation import consumers
from secret_rotation.settings import Secret, Settings
from secret_rotation.values import Values
from shared import clock
from shared.log import logger
from shared.secret_versions import Versions
from shared.told import Told

WAIT_SECONDS: Final = 60
"""Longer than a server takes to retire a login, unless it is ElastiCache."""
POLL_SECONDS: Final = 2


class Answer(TypedDict, total=False):
    """What came of it."""

    status: Literal["SUCCEEDED", "WAITING"]
    because: str


def retire(settings: Settings, secret: Secret, values: Values, seconds: float) -> Answer:
    """Make every login of `secret` but the current one invalid, unless somebody may still need another.

    `seconds`: for how long this call can take at the most.
    """
    versions = Versions.read(secret.arn)
    because = _obstacle(settings, secret, versions)
    if because is not None:
        return Answer(status="WAITING", because=because)
    if secret.kind == "generated":
        return Answer(status="SUCCEEDED")
    versions.settle()
    label, current = versions.retire_until(clock.epoch() + seconds), versions.current
    try:
        answer = _retire(secret, values, current)
    except Exception:
        versions.detach(label, current)
        raise
    versions.detach(label, current)
    return answer


def wait(secret: Secret) -> None:
    """Until nobody retires logins of `secret`. Raises Told if that takes too long."""
    deadline = clock.epoch() + WAIT_SECONDS
    while Versions.read(secret.arn).retiring():
        if clock.epoch() >= deadline:
            raise Told(
                f"{secret.name} is not rotated now: its older logins are being made invalid. Try again in a while"
            )
        clock.pause(POLL_SECONDS)


def _retire(secret: Secret, values: Values, current: str) -> Answer:
    versions = Versions.read(secret.arn)
    value = versions.value(current)
    if versions.current != current or value is None or versions.value(versions.pending) is not None:
        return Answer(status="WAITING", because=f"a rotation of {secret.name} began")
    values.retire(value)
    logger.info("The current login alone is valid")
    return Answer(status="SUCCEEDED")


def _obstacle(settings: Settings, secret: Secret, versions: Versions) -> str | None:
    """Why not now. A pending version without a value is none: its rotation has not touched the server."""
    if versions.value(versions.pending) is not None:
        return f"a rotation of {secret.name} is not finished"
    if versions.retiring():
        return f"another call makes older logins of {secret.name} invalid"
    return consumers.lagging(settings, secret, versions.since())
