"""What the workflow hands over, and what the function knows from its variables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Literal

import msgspec

from shared.census_comparison import Limits

Kind = Literal["database", "data", "files"]


class Request(msgspec.Struct, frozen=True):
    """`manifest`: write down what is there now. `test`: look into what the restore job `job` made."""

    do: Literal["manifest", "test"]
    job: str = ""


class Event(msgspec.Struct, frozen=True):
    """As the workflow polls."""

    request: Request


class DatabaseSettings(msgspec.Struct, frozen=True):
    """The variable DATABASE."""

    secret_arn: str
    """The application's login, by which the manifest is read."""
    host: str
    """Of a replica where there is one: counting is work."""
    port: int
    name: str
    columns: Sequence[str]
    """Of time stamps."""
    secrets_key_arn: str
    """For the password that RDS makes for a copy."""


class FilesSettings(msgspec.Struct, frozen=True):
    """The variable FILES."""

    file_system_id: str
    cluster: str
    task_definition: str
    """Family of the task that looks into the file system itself."""
    container: str
    log_group: str
    log_prefix: str
    subnets: Sequence[str]
    """Of tasks; the first lies in the zone of `mount_subnet`."""
    security_groups: Sequence[str]
    mount_subnet: str
    mount_security_group: str
    folder: str
    """Of the access point, in the root of the file system."""


class Settings(msgspec.Struct, frozen=True):
    """Of one function: it knows one kind of store."""

    kind: Kind
    prefix: str
    records_bucket: str
    topic_arn: str
    plan_arn: str
    """Of the restore tests."""
    limits: Limits
    bucket: str = ""
    database: DatabaseSettings | None = None
    files: FilesSettings | None = None


@cache
def settings() -> Settings:
    """Raises msgspec.ValidationError when something is missing or wrong."""
    return msgspec.json.decode(os.environ["RESTORE_TESTS"], type=Settings)
