"""What the workflow asks, and what the template sets."""

from __future__ import annotations

import os
from datetime import datetime
from functools import cache
from typing import Literal

import msgspec


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


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)


def epoch_of(moment: datetime | None) -> float | None:
    """Epoch seconds of a time in an answer of AWS."""
    return None if moment is None else moment.timestamp()
