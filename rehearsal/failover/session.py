"""A session of the application's at its region's database, made again when it is gone."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

import pg8000.native  # type: ignore[import-untyped]

TIMEOUT_SECONDS: Final = 2.0
"""Real."""
WRITE: Final = "INSERT INTO writes (writer, number) VALUES (:writer, :number)"


class Session:
    """By TLS, with the login that the task was given at its start. Calls raise the driver's errors."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._context = ssl.create_default_context(cafile=variables["CA_FILE"])
        self._connection: pg8000.native.Connection | None = None

    def write(self, writer: str, number: int) -> None:
        """Write a number; once this returns it is acknowledged."""
        self._run(WRITE, writer=writer, number=number)

    def ask(self) -> None:
        """Whether it answers at all."""
        self._run("SELECT 1")

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except (pg8000.native.InterfaceError, OSError):
                return  # the other side has hung up before

    def _run(self, statement: str, **values: object) -> None:
        try:
            self._connected().run(statement, **values)
        except pg8000.native.DatabaseError as error:
            # A replica refuses writes, and its session is as good as before; whatever ends a session needs a new one.
            if _severity(error) != "ERROR":
                self.close()
            raise
        except (pg8000.native.InterfaceError, OSError):
            self.close()
            raise

    def _connected(self) -> pg8000.native.Connection:
        if self._connection is None:
            told = self._variables
            self._connection = pg8000.native.Connection(
                told["DATABASE_USERNAME"],
                # The certificate names loopback too: names of AWS's lead nowhere here.
                host="127.0.0.1",
                port=int(told["DATABASE_PORT"]),
                password=told["DATABASE_PASSWORD"],
                database=told["DATABASE_NAME"],
                ssl_context=self._context,
                timeout=TIMEOUT_SECONDS,
            )
        return self._connection


def _severity(error: pg8000.native.DatabaseError) -> str:
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return str(fields.get("V", ""))
