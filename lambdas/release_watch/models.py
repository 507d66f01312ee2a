"""What the workflow asks, what it is answered, and what the template sets."""

from __future__ import annotations

import os
from datetime import datetime
from functools import cache
from math import ceil
from typing import Any, Literal

import msgspec

Status = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]


class Watch(msgspec.Struct, frozen=True):
    """The deployment to watch, as EventBridge told of its start."""

    engine: Literal["codedeploy", "ecs"]
    deployment_id: str
    """CodeDeploy's id. Of ECS, a service deployment's ARN, or the `ecs-svc/...` that its events have."""
    service_arn: str = ""
    """Of ECS alone."""


class Event(msgspec.Struct, frozen=True):
    """One look."""

    watch: Watch


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """One function: one environment."""

    application: str
    environment: str
    prefix: str
    ledger_table: str
    topic_arn: str
    aws_region: str


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
    """There is nothing more to watch."""
    return Answer("SUCCEEDED", reason)


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)


def epoch_of(moment: datetime | None) -> float | None:
    """Epoch seconds of a time in an answer of AWS."""
    return None if moment is None else moment.timestamp()
