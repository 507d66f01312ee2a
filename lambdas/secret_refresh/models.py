"""What the workflow asks, what it is answered, and what the template sets."""

from __future__ import annotations

import os
from functools import cache
from math import ceil
from typing import Any, Final, Literal

import msgspec

from shared.aws import client
from shared.plan import Engine

Status = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]


class Secret(msgspec.Struct, frozen=True):
    """A secret that rotates."""

    arn: str
    name: str
    """What people call it."""
    function: str
    """ARN of the one that rotates it, and makes its old logins invalid."""


class Service(msgspec.Struct, frozen=True):
    """Tasks that start with secrets."""

    name: str
    engine: Engine
    secrets: list[str] = []
    """By name."""
    after: list[str] = []
    """Services whose tasks move first."""


class Uses(msgspec.Struct, frozen=True):
    """Who uses what: the parameter `/<prefix>/secret-refresh`, since a function's variables may take 4 KB in all."""

    secrets: list[Secret]
    services: list[Service]


ROTATED: Final = "rotated-"
"""How the names of executions start that a rotation started (lambdas/secret_rotation)."""


class Request(msgspec.Struct, frozen=True):
    """Which execution asks."""

    refresh: str
    """Its name."""
    scheduled: bool = False
    """Started by the clock, and not by a rotation or a person."""

    @property
    def by_hand(self) -> bool:
        """A person's: tries again what has failed."""
        return not self.scheduled and not self.refresh.startswith(ROTATED)


class Event(msgspec.Struct, frozen=True):
    """One look."""

    request: Request


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """One function: one environment."""

    application: str
    environment: str
    prefix: str
    """Of every physical name; the cluster and CodeDeploy's application are named so."""
    ledger_table: str
    topic_arn: str


def uses(prefix: str) -> Uses:
    """As the template wrote it. Raises msgspec.ValidationError."""
    text = client("ssm").get_parameter(Name=f"/{prefix}/secret-refresh")["Parameter"]["Value"]
    return msgspec.json.decode(text, type=Uses)


class Answer(msgspec.Struct, frozen=True):
    """Whether to ask again, and when."""

    status: Status
    reason: str
    wait_seconds: int = 5
    """Until the next look; means nothing once the status is final."""

    def told(self) -> dict[str, Any]:
        """As the workflow reads it."""
        return {"status": self.status, "wait_seconds": self.wait_seconds, "reason": self.reason}


def later(missing: str, wait_seconds: float) -> Answer:
    """Look again; says what is still missing. A Wait state takes whole seconds."""
    return Answer("IN_PROGRESS", missing, max(1, ceil(wait_seconds)))


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)
