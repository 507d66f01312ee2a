"""Connections to PostgreSQL: by verified TLS alone, and with a limit to every wait."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from pg8000.exceptions import Error  # type: ignore[import-untyped]
from pg8000.native import Connection  # type: ignore[import-untyped]
from scramp import ScramException  # type: ignore[import-untyped]

from shared import postgresql_errors as errors
from shared import trust
from shared.login import Login
from shared.told import Told


@dataclass(frozen=True, slots=True)
class Limits:
    """How long everything may take, and who waits."""

    application: str
    """The sessions' name at the server."""
    connect_seconds: float
    """For the connection, and again for each answer of the handshakes."""
    answer_seconds: float
    """For an answer: more than the server gives a statement, so that it is the server that gives up."""
    settings: Mapping[str, str]
    """The server's own limits, for the session."""


ROTATION: Final = Limits(
    "understudy-rotation",
    5.0,
    20.0,
    {
        "statement_timeout": "15s",
        "lock_timeout": "2s",
        # A function that was frozen or killed in the middle must not hold its locks for long.
        "idle_in_transaction_session_timeout": "10s",
        "idle_session_timeout": "60s",
    },
)
"""Of a rotation, which may wait for others."""
SAFE_PATH: Final = {"search_path": "pg_catalog"}
"""Nothing that a user put into a schema can stand for something of PostgreSQL's (CVE-2018-1058)."""

_SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
"""Frontend/Backend Protocol, SSLRequest."""

Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect."""

    host: str
    port: int
    certified: str = ""
    """The name that the certificate has to bear, if it is another: `host` may be a CNAME, which no certificate of RDS names.
    It comes from the template and never from DNS, whose answers anybody on the way could make."""

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.host}:{self.port}"


class Session:
    """A login's connection to a database."""

    def __init__(self, connection: Connection, endpoint: Endpoint, login: Login, database: str) -> None:
        self._connection = connection
        self._endpoint, self.login, self.database = endpoint, login, database

    def run(self, statement: str, **values: object) -> Rows:
        """Send a statement; the only place where one is sent. Raises Told."""
        try:
            return self._connection.run(statement, **values) or []
        except (Error, OSError) as failure:
            known = _told(failure, self._endpoint, self.login, self.database)
        raise known

    def value(self, query: str, **values: object) -> Any:  # noqa: ANN401 - whatever the column holds
        """The one value of the one row of a query's answer."""
        return self.run(query, **values)[0][0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. After an exception the session is of no more use: closing it rolls back."""
        self.run("BEGIN")
        yield
        self.run("COMMIT")


@contextmanager
def connected(endpoint: Endpoint, login: Login, database: str, limits: Limits = ROTATION) -> Iterator[Session]:
    """A session of `login`. Raises Refused if the server does not take it, and Told."""
    connection = _connection(endpoint, login, database, limits)
    try:
        yield Session(connection, endpoint, login, database)
    finally:
        with suppress(Error, OSError):
            connection.close()


def _connection(endpoint: Endpoint, login: Login, database: str, limits: Limits) -> Connection:
    try:
        return _open(endpoint, login, database, limits)
    except (Error, OSError, ScramException) as failure:
        known = _told(failure, endpoint, login, database)
    # Outside the handler, so that no traceback shows what the driver knew.
    raise known


def _open(endpoint: Endpoint, login: Login, database: str, limits: Limits) -> Connection:
    secured = _secured(endpoint, limits)
    try:
        connection = Connection(
            login.username,
            sock=secured,
            ssl_context=False,  # it is TLS already; True and None would mean TLS without verification
            password=login.password,
            database=database,
            application_name=limits.application,
            startup_params={**limits.settings, **SAFE_PATH},
        )
    except BaseException:
        secured.close()
        raise
    secured.settimeout(limits.answer_seconds)
    return connection


def _secured(endpoint: Endpoint, limits: Limits) -> ssl.SSLSocket:
    plain = socket.create_connection((endpoint.host, endpoint.port), limits.connect_seconds)
    try:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        plain.sendall(_SSL_REQUEST)
        _require_tls(plain.recv(1), endpoint)
        return trust.bundle_alone().wrap_socket(plain, server_hostname=endpoint.certified or endpoint.host)
    except BaseException:
        plain.close()
        raise


def _require_tls(answer: bytes, endpoint: Endpoint) -> None:
    if answer == b"N":
        raise Told(f"PostgreSQL at {endpoint} offers no TLS, and nobody logs in without")
    if answer != b"S":
        raise Told(f"The server at {endpoint} does not speak PostgreSQL's protocol, or closed the connection")


def _told(failure: Exception, endpoint: Endpoint, login: Login, database: str) -> Told:
    # The driver wraps what the network says.
    cause = failure.__cause__ if isinstance(failure.__cause__, OSError) else failure
    return errors.told(cause, where=str(endpoint), user=login.username, database=database, secret=login.password)
