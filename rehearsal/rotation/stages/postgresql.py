"""A PostgreSQL with TLS alone and a streaming replica; its administrator is no superuser, as RDS has it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.rotation.stages.stage import Endpoint
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.postgresql import PostgreSQL, Replica
from shared.login import Login, new_password

HOST: Final = "localhost"
DATABASE: Final = "application"
REFUSALS: Final = ("28000", "28P01")


class PostgreSQLStage:
    """Primary and replica."""

    def __init__(self, folder: Path, authority: Path, certificate: Certificate) -> None:
        self._context = ssl.create_default_context(cafile=str(authority))
        self._primary = PostgreSQL(
            folder / "postgresql", certificate=certificate, database=DATABASE, tls_alone=True, replicated=True
        )
        try:
            administrator = self._primary.create_administrator()
            # The log shall hold every statement of whoever rotates, and no password all the same.
            self._primary.login.execute("ALTER ROLE administrator SET log_statement = 'all'")
            self._replica = Replica(folder / "replica", self._primary)
        except BaseException:
            self._primary.stop()
            raise
        port = administrator.port
        readers = [f"{HOST}:{self._replica.login.port}"]
        self.endpoint = Endpoint(HOST, port, {"database": DATABASE, "readers": readers})
        self.application: Mapping[str, str] = {"username": DATABASE, "password": new_password()}
        self.administrator: Mapping[str, Any] | None = {
            "username": administrator.user,
            "password": administrator.password,
            "engine": "postgres",
            "host": HOST,
            "port": port,
            "dbname": DATABASE,
        }

    def takes(self, login: Login) -> bool:
        """At the primary; the replica repeats it."""
        try:
            pg8000.native.Connection(
                login.username,
                host=HOST,
                port=self.endpoint.port,
                password=login.password,
                database=DATABASE,
                ssl_context=self._context,
                timeout=10,
            ).close()
        except pg8000.native.DatabaseError as error:
            if error.args and isinstance(error.args[0], dict) and error.args[0].get("C") in REFUSALS:
                return False
            raise
        return True

    def spread(self, username: str, passwords: Sequence[str]) -> None:
        """Nobody but its administrator changes a server's roles."""
        raise NotImplementedError

    def stop(self) -> None:
        """End both."""
        self._replica.stop()
        self._primary.stop()
