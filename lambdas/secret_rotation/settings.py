"""What a rotation function is told by its template: the variable ROTATION, as JSON."""

from __future__ import annotations

import os
from functools import cache
from typing import Literal

import msgspec

Kind = Literal["application", "administrator", "generated"]


class Secret(msgspec.Struct, frozen=True):
    """A secret that the function rotates."""

    arn: str
    name: str
    """What people call it, such as `shop-prod/database`; dimension `Secret` of its metrics."""
    kind: Kind
    consumers: list[str] = []
    """Services whose tasks start with it."""
    length: int = 32
    """Characters, of a generated one."""


class Settings(msgspec.Struct, frozen=True):
    """One server and its secrets; or the application's generated secrets, which no server knows."""

    engine: Literal["postgresql", "redis", "rabbitmq", "generated"]
    prefix: str
    """`<application>-<environment>`."""
    cluster: str
    """Name of the ECS cluster that consumers run in."""
    refresh_arn: str
    """State machine that brings consumers to a new version."""
    secrets: list[Secret]
    host: str = ""
    """The endpoint's own name, which its certificate bears."""
    alias: str = ""
    """A CNAME of a database's endpoint, by which some of its clients know it."""
    port: int = 0
    management_port: int = 443
    """RabbitMQ's management API."""
    database: str = ""
    readers: list[str] = []
    """Endpoints of the replicas, their ports being `port`."""
    users: Literal["alternating", "single"] = "alternating"
    """Of a database's application."""
    user_id: str = ""
    """ElastiCache's ID of the application's user."""
    virtual_host: str = "/"

    def secret(self, arn: str) -> Secret | None:
        """The secret with this ARN; None if it is not this function's."""
        return next((each for each in self.secrets if each.arn == arn), None)

    @property
    def administrator(self) -> Secret | None:
        """The secret of the server's administrator."""
        return next((each for each in self.secrets if each.kind == "administrator"), None)


@cache
def settings() -> Settings:
    """The function's own."""
    return msgspec.json.decode(os.environ["ROTATION"], type=Settings)
