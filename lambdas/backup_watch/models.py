"""What the function knows from its variables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache

import msgspec


class Watched(msgspec.Struct, frozen=True):
    """A resource that is backed up."""

    name: str
    """Dimension `Resource` of its metrics: `database`, `data`, `files`."""
    arn: str
    type: str
    """AWS Backup's word for its kind: `RDS`, `S3`, `EFS`."""


class Settings(msgspec.Struct, frozen=True):
    """The variable BACKUPS."""

    prefix: str
    vault: str
    topic_arn: str
    resources: Sequence[Watched]
    copies_arn: str = ""
    """The vault that copies go to; empty where nothing is copied."""
    plan: str = ""
    """Name of the restore tests; empty without any."""
    plan_arn: str = ""
    validation_hours: int = 0
    """How long a restored copy is kept."""


@cache
def settings() -> Settings:
    """Raises msgspec.ValidationError when something is missing or wrong."""
    return msgspec.json.decode(os.environ["BACKUPS"], type=Settings)
