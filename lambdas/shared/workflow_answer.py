"""What a function that a workflow polls answers (constructs/understudy/polling_workflow.py)."""

from __future__ import annotations

from math import ceil
from typing import Any, Literal

import msgspec

Status = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]


class Answer(msgspec.Struct, frozen=True):
    """Whether to ask again, and when."""

    status: Status
    reason: str
    wait_seconds: int = 5
    """Until the next look; means nothing once the status is final."""

    def told(self) -> dict[str, Any]:
        """As the workflow reads it."""
        return {"status": self.status, "wait_seconds": self.wait_seconds, "reason": self.reason}


def later(missing: str, wait_seconds: float = 5) -> Answer:
    """Look again; says what is still missing. A Wait state takes whole seconds."""
    return Answer("IN_PROGRESS", missing, max(1, ceil(wait_seconds)))


def done(reason: str) -> Answer:
    """There is nothing more to look at."""
    return Answer("SUCCEEDED", reason)


def failed(reason: str) -> Answer:
    """The end, and not a good one: the workflow fails with it, and asks no more."""
    return Answer("FAILED", reason)
