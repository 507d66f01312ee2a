"""What the workflow hands over, and what the function knows from its variables."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Final

import msgspec

from shared.told import Told

LATEST: Final = "latest"


class Request(msgspec.Struct, frozen=True):
    """A person's: `environment` is the environment's prefix, to show that it is meant; `moment` in ISO 8601 with its offset, or
    `latest`; `by` who asks.
    """

    environment: str
    moment: str
    by: str
    execution: str = ""

    def at(self) -> datetime | None:
        """The moment, UTC; None for the latest. Raises Told for what is none."""
        if self.moment == LATEST:
            return None
        try:
            moment = datetime.fromisoformat(self.moment)
        except ValueError:
            raise Told(f"{self.moment!r} is no moment: write one like 2026-11-28T14:03:00Z, or {LATEST}") from None
        if moment.tzinfo is None:
            raise Told(f"{self.moment} does not say of which time zone: write {self.moment}Z for UTC")
        return moment.astimezone(UTC)


class Event(msgspec.Struct, frozen=True):
    """As the workflow polls."""

    request: Request


class Settings(msgspec.Struct, frozen=True):
    """The variable POINT_IN_TIME."""

    prefix: str
    database: str
    """Identifier of the running database, which is never touched."""
    name: str
    """Of the database inside it."""
    instance_class: str
    subnet_group: str
    parameter_group: str
    security_group: str
    secrets_key_arn: str
    topic_arn: str
    records_bucket: str
    columns: Sequence[str]
    multi_az: bool
    backup_days: int

    def target(self, request: Request) -> str:
        """Identifier of the restored database: of the moment, so that asking twice makes one."""
        moment = request.at()
        what = re.sub("[^0-9a-z]", "", request.execution.lower())[-12:] if moment is None else f"{moment:%Y%m%d-%H%M%S}"
        return f"{self.database}-at-{what}"


@cache
def settings() -> Settings:
    """Raises msgspec.ValidationError when something is missing or wrong."""
    return msgspec.json.decode(os.environ["POINT_IN_TIME"], type=Settings)
