"""What the two functions are told, and what one leaves for the other."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final

import msgspec

OBJECT: Final = "broker/definitions.json"
"""In the waiting site's bucket of logs, which every environment has."""


class VirtualHost(msgspec.Struct, frozen=True):
    """What one virtual host consists of, in the words of RabbitMQ's management API, without what only one broker has."""

    queues: list[dict[str, Any]] = []
    exchanges: list[dict[str, Any]] = []
    bindings: list[dict[str, Any]] = []
    policies: list[dict[str, Any]] = []
    permissions: list[dict[str, Any]] = []
    """Of users by name. Users themselves, and all that they log in with, are each broker's own."""


class Definitions(msgspec.Struct, frozen=True):
    """The object."""

    written_at: float
    """Epoch seconds."""
    virtual_hosts: dict[str, VirtualHost]


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """The variables of either function."""

    prefix: str
    region: str
    """Of this function."""
    lease_region: str
    """The waiting site's, whose table says who holds the lease."""
    host: str
    management_port: int
    administrator_arn: str
    """Secret of the broker's first user."""
    bucket: str
    """The waiting site's."""


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert({**os.environ, "REGION": os.environ["AWS_REGION"]}, Settings, strict=False)
