"""What a hook answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

POLLING_SECONDS: Final = 5
"""Between two looks at something that is not done yet."""


class Status(StrEnum):
    """As AWS's life-cycle hooks name them."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    IN_PROGRESS = "IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status, and the sentence that a person reads beside it. While in progress it says what is still missing."""

    status: Status
    reason: str
    wait_seconds: int = POLLING_SECONDS
    """Until the next look; means nothing once the status is final."""

    @property
    def final(self) -> bool:
        """Whether the hook is over."""
        return self.status is not Status.IN_PROGRESS


def succeeded(reason: str) -> Outcome:
    """The release may go on."""
    return Outcome(Status.SUCCEEDED, reason)


def failed(reason: str) -> Outcome:
    """The release has to go back."""
    return Outcome(Status.FAILED, reason)


def in_progress(missing: str, wait_seconds: int = POLLING_SECONDS) -> Outcome:
    """Look again in `wait_seconds`."""
    return Outcome(Status.IN_PROGRESS, missing, wait_seconds)
