"""What the function is told."""

from __future__ import annotations

import os
from functools import cache

import msgspec


class Settings(msgspec.Struct, frozen=True, rename=str.upper):
    """The function's variables."""

    prefix: str
    """Repositories are called `<prefix>/<service>`."""
    peer_region: str
    """Where images are copied to."""
    account: str
    """Which is the registry's ID."""


@cache
def settings() -> Settings:
    """Of this function. Raises msgspec.ValidationError when a variable is missing or wrong."""
    return msgspec.convert(dict(os.environ), Settings)
