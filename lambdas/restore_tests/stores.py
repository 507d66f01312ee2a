"""The three kinds of store: what is there now, and what is in a copy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from restore_tests import bucket_census
from restore_tests.jobs import Job
from restore_tests.models import DatabaseSettings, Settings
from restore_tests.outcomes import Broken, Pending
from shared import database_census, restored_database
from shared.aws import client
from shared.census import Census
from shared.login import login
from shared.postgresql_connection import Endpoint, connected
from shared.restored_database import Lost, NotYet


class Store(Protocol):
    """One kind."""

    @property
    def unit(self) -> str:
        """What is counted."""

    def census(self) -> Census | Pending:
        """Of the store itself. Raises Told."""

    def copy_census(self, job: Job, manifest: Census) -> Census | Pending | Broken:
        """Of the copy that `job` made; `manifest` says what is looked for. Raises Told, and Unreadable for the copy's own faults."""

    def finish(self, job: Job) -> Pending | None:
        """Remove what the look needed; None when nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Database:
    """PostgreSQL on RDS."""

    settings: DatabaseSettings
    unit: str = "rows"

    def census(self) -> Census | Pending:
        """By the application's login."""
        mine = self.settings
        value = client("secretsmanager").get_secret_value(SecretId=mine.secret_arn)["SecretString"]
        endpoint = Endpoint(mine.host, mine.port)
        with connected(endpoint, login(json.loads(value)), mine.name, database_census.LOOK) as session:
            return database_census.take(session, mine.columns)

    def copy_census(self, job: Job, manifest: Census) -> Census | Pending | Broken:  # noqa: ARG002 - as the others
        """By its administrator's new login."""
        match restored_database.look(job.copy_name, self.settings.secrets_key_arn):
            case NotYet(reason):
                return Pending(reason, restored_database.WAIT_SECONDS)
            case Lost(reason):
                return Broken(reason)
            case copy:
                with connected(
                    copy.endpoint, copy.administrator(), self.settings.name, database_census.LOOK
                ) as session:
                    sampled = database_census.LOOKED_THROUGH
                    return database_census.take(session, self.settings.columns, sampled=sampled)

    def finish(self, job: Job) -> Pending | None:
        """RDS deletes the password with the copy."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of S3."""

    name: str
    unit: str = "objects"

    def census(self) -> Census | Pending:
        """Listed and sampled."""
        return bucket_census.take(self.name)

    def copy_census(self, job: Job, manifest: Census) -> Census | Pending | Broken:
        """Of the bucket that was restored."""
        return bucket_census.take_of_copy(job.copy_name, manifest.parts[bucket_census.PART])

    def finish(self, job: Job) -> Pending | None:
        """Nothing was made for it."""


def store(mine: Settings) -> Store:
    """The function's."""
    if mine.database is not None:
        return Database(mine.database)
    if mine.files is not None:
        from restore_tests.files import Files  # noqa: PLC0415 - of one function in three

        return Files(mine.files)
    return Bucket(mine.bucket)
