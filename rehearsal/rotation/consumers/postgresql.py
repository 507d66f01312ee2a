"""Consumers of PostgreSQL: rows in a table that all share, tables of their own that their successors change, the replica."""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.rotation.consumers.tally import Refused, Tally, caused_by
from rehearsal.rotation.consumers.work import Secret

REFUSALS: Final = ("28000", "28P01", "42501")
"""invalid_authorization_specification, invalid_password; insufficient_privilege counts as well: the login is worth less."""
REPLICA_SECONDS: Final = 20.0
"""How long the replica may take to have everything, once nobody writes."""
LOOK_SECONDS: Final = 0.1


class PostgreSQLTask:
    """Writes rows and reads them back; at its start it makes a table, and changes that of the task before."""

    def __init__(self, works: PostgreSQLWorks, service: str, number: int, secret: Secret) -> None:
        self._works, self._service, self._number, self._secret = works, service, number, secret
        self._primary: Any = None
        self._readers: list[Any] = []
        self._rows = 0
        self._seen = 0
        self._began = False

    def open(self) -> None:
        """Log in to the primary and to every replica."""
        self._primary = self._works.connect(self._secret, self._secret["host"])
        for host in self._secret.get("readerHosts", []):
            self._readers.append(self._works.connect(self._secret, host))
        if not self._began:
            self._begin()
            self._began = True

    def operate(self) -> None:
        """Write a row, and find it; the replica never goes back."""
        self._rows += 1
        key = {"service": self._service, "task": self._number}
        self._primary.run("INSERT INTO work VALUES (:service, :task, :row)", row=self._rows, **key)
        self._works.wrote(self._service, self._number, self._rows)
        ((found,),) = self._primary.run(
            "SELECT count(*) FROM work WHERE service = :service AND task = :task AND number = :row",
            row=self._rows,
            **key,
        )
        if found != 1:
            raise LookupError(f"row {self._rows} is there {found} times")
        for reader in self._readers:
            ((newest,),) = reader.run(
                "SELECT coalesce(max(number), 0) FROM work WHERE service = :service AND task = :task", **key
            )
            if newest < self._seen:
                raise LookupError(f"the replica had {self._seen} rows and has {newest}")
            self._seen = newest

    def close(self) -> None:
        """Leave both."""
        for connection in (self._primary, *self._readers):
            if connection is not None:
                with suppress(pg8000.native.InterfaceError, OSError):
                    connection.close()
        self._primary, self._readers = None, []

    def _begin(self) -> None:
        """Objects that one user makes, another one changes and drops: only their owner may."""
        run, mine = self._primary.run, f"own_{self._service}_{self._number}"
        run(f"CREATE TABLE IF NOT EXISTS {mine} (id serial PRIMARY KEY, note text)")
        run(f"INSERT INTO {mine} (note) VALUES ('made')")  # noqa: S608 - our own names
        before = f"own_{self._service}_{self._number - 1}"
        if self._number > 1:
            run(f"ALTER TABLE {before} ADD COLUMN IF NOT EXISTS later text")
            run(f"INSERT INTO {before} (note, later) VALUES ('changed', 'by the next')")  # noqa: S608
        if self._number > 2:
            run(f"DROP TABLE IF EXISTS own_{self._service}_{self._number - 2}")


class PostgreSQLWorks:
    """The rows that were written."""

    def __init__(self, authority: str) -> None:
        self._context = ssl.create_default_context(cafile=authority)
        self._lock = threading.Lock()
        self._written: dict[tuple[str, int], int] = {}
        self.tally = Tally(self.is_refusal)

    def prepare(self, secret: Secret) -> None:
        """The table that all share; on every replica, too."""
        connection = self.connect(secret, secret["host"])
        connection.run("CREATE TABLE work (service text NOT NULL, task integer NOT NULL, number integer NOT NULL)")
        connection.run("CREATE INDEX ON work (service, task, number)")
        connection.close()
        for host in secret.get("readerHosts", []):
            connection = self.connect(secret, host)
            deadline = monotonic() + REPLICA_SECONDS
            while connection.run("SELECT to_regclass('work') IS NULL") == [[True]] and monotonic() < deadline:
                sleep(LOOK_SECONDS)
            connection.close()

    def task(self, service: str, number: int, secret: Secret) -> PostgreSQLTask:
        """Another task of a service."""
        return PostgreSQLTask(self, service.replace("-", "_"), number, secret)

    def is_refusal(self, error: BaseException) -> bool:
        """By the server's code."""
        return caused_by(error, Refused) or any(
            isinstance(argument, dict) and argument.get("C") in REFUSALS for argument in error.args
        )

    def audit(self, secret: Secret) -> list[str]:
        """Every row has to be there once, and on every replica before long."""
        wrong: list[str] = []
        for host in (secret["host"], *secret.get("readerHosts", [])):
            deadline = monotonic() + (REPLICA_SECONDS if host != secret["host"] else 0.0)
            while (found := self._differences(secret, host)) and monotonic() < deadline:
                sleep(LOOK_SECONDS)
            where = "" if host == secret["host"] else " on the replica"
            wrong += [f"{text}{where}" for text in found]
        return wrong

    def connect(self, secret: Secret, host: str) -> Any:  # noqa: ANN401 - untyped
        """A verified connection. Raises Refused."""
        name, _, port = str(host).partition(":")
        return self.tally.login(
            lambda: pg8000.native.Connection(
                secret["username"],
                host=name,
                port=int(port or secret["port"]),
                password=secret["password"],
                database=secret["dbname"],
                ssl_context=self._context,
                timeout=10,
            )
        )

    def wrote(self, service: str, task: int, number: int) -> None:
        """A row was written for good."""
        with self._lock:
            self._written[service, task] = number

    def _differences(self, secret: Secret, host: str) -> list[str]:
        connection = self.connect(secret, host)
        rows = connection.run("SELECT service, task, count(*), count(DISTINCT number) FROM work GROUP BY service, task")
        connection.close()
        found = {(service, task): (rows, different) for service, task, rows, different in rows}
        return [
            f"{service}/{task} wrote {number} rows, of which {found.get((service, task), (0, 0))[1]} are there"
            f" in {found.get((service, task), (0, 0))[0]} rows"
            for (service, task), number in sorted(self._written.items())
            if found.get((service, task), (0, 0)) != (number, number)
        ]
