"""What the workflow asks, and what the template sets."""

from __future__ import annotations

import os
from functools import cache

import msgspec

from shared.aws import client
from shared.plan import Engine
from shared.refreshes import ROTATED


class Secret(msgspec.Struct, frozen=True):
    """A secret that changes."""

    arn: str
    name: str
    """What people call it."""
    function: str | None = None
    """ARN of the one that rotates it, and makes its old logins invalid; None where another region's does."""


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


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)
