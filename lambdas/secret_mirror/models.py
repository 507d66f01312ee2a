"""What the mirror is told."""

from __future__ import annotations

import os
from functools import cache

import msgspec

from shared.aws import client


class Copy(msgspec.Struct, frozen=True):
    """A secret, and the one in the waiting site that gets its values."""

    name: str
    """What people call it; dimension `Secret` of its metrics."""
    source: str
    """ARN, in this region."""
    target: str
    """ARN, in the other one."""
    refreshed: bool = False
    """Whether tasks there start with it, and are brought to a new value as here."""


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """The function's variables."""

    prefix: str
    region: str
    """Of this function: whose values are copied while it holds the lease."""
    peer_region: str
    """Of the waiting site."""
    refresh_arn: str
    """State machine there that brings tasks to new values of their secrets."""


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert({**os.environ, "REGION": os.environ["AWS_REGION"]}, Settings)


def copies(prefix: str) -> list[Copy]:
    """As the template wrote them: the parameter `/<prefix>/secret-mirror`, since a function's variables may take 4 KB in all."""
    text = client("ssm").get_parameter(Name=f"/{prefix}/secret-mirror")["Parameter"]["Value"]
    return msgspec.json.decode(text, type=list[Copy])
