"""Whether a service's dependencies answer, as far as that can be known without their passwords.

Each probe speaks just enough of its protocol to hear the server itself, behind a verified TLS handshake.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, assert_never

from shared import clock, network_failures, trust
from shared.http_requests import Address, Connection, Request, Unanswered
from shared.plan import Dependency

PROBE_SECONDS: Final = 5.0
"""For the name, the connection, the handshake and the answer together, at most this each."""

_SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
"""PostgreSQL's request for TLS (Frontend/Backend Protocol, SSLRequest)."""
_AMQP_HEADER: Final = b"AMQP\x00\x00\x09\x01"
"""Protocol header of AMQP 0-9-1, section 4.2.2."""
_AMQP_METHOD: Final = 1
"""Type of the frame that carries Connection.Start."""
_RESP_TYPES: Final = frozenset(b"+-:$*_#,(!=%~>|")
"""First bytes of an answer in Redis's protocol; an error such as NOAUTH is one, and comes from Redis."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a dependency."""

    text: str
    lasting: bool
    """Whether waiting cannot mend it: a certificate that does not fit, a server without TLS."""


def probe(dependency: Dependency, *, timeout_seconds: float = PROBE_SECONDS) -> Finding | None:
    """What is wrong with `dependency`; None when it answers."""
    where = f"{dependency.name} ({dependency.kind}) at {dependency.host}:{dependency.port}"
    try:
        wrong = _ask(dependency, timeout_seconds)
    except (OSError, Unanswered) as failure:
        lasting = isinstance(failure, ssl.SSLCertVerificationError | FileNotFoundError)
        return Finding(f"{where}: {_short(failure)}", lasting=lasting)
    return None if wrong is None else Finding(f"{where}: {wrong.text}", lasting=wrong.lasting)


def _ask(dependency: Dependency, timeout_seconds: float) -> Finding | None:
    match dependency.kind:
        case "postgresql":
            return _postgresql(dependency, timeout_seconds)
        case "redis":
            return _redis(dependency, timeout_seconds)
        case "amqp":
            return _amqp(dependency, timeout_seconds)
        case "https":
            return _https(dependency, timeout_seconds)
        case _:
            assert_never(dependency.kind)


def _postgresql(dependency: Dependency, timeout_seconds: float) -> Finding | None:
    with _connected(dependency, timeout_seconds) as plain:
        plain.sendall(_SSL_REQUEST)
        match plain.recv(1):
            case b"S":
                with trust.bundle_alone().wrap_socket(plain, server_hostname=dependency.host):
                    return None
            case b"N":
                return Finding("it offers no TLS", lasting=True)
            case b"":
                return Finding("it closed the connection", lasting=False)
            case _:
                return Finding("it does not speak PostgreSQL's protocol", lasting=True)


def _redis(dependency: Dependency, timeout_seconds: float) -> Finding | None:
    with _secured(dependency, timeout_seconds) as connection:
        connection.sendall(b"PING\r\n")
        answer = connection.recv(64)
        if answer and answer[0] in _RESP_TYPES:
            return None
        return Finding(
            "it does not speak Redis's protocol" if answer else "it closed the connection", lasting=bool(answer)
        )


def _amqp(dependency: Dependency, timeout_seconds: float) -> Finding | None:
    with _secured(dependency, timeout_seconds) as connection:
        connection.sendall(_AMQP_HEADER)
        answer = connection.recv(8)
        if answer and (answer[0] == _AMQP_METHOD or answer.startswith(b"AMQP")):
            return None
        return Finding("it does not speak AMQP" if answer else "it closed the connection", lasting=bool(answer))


def _https(dependency: Dependency, timeout_seconds: float) -> Finding | None:
    connection = Connection(Address(dependency.host, dependency.port, dependency.host))
    try:
        answer = connection.send(Request("GET", dependency.path, {}), timeout_seconds=timeout_seconds)
    finally:
        connection.close()
    return Finding(f"it answers {answer.status}", lasting=False) if answer.status >= 500 else None


@contextmanager
def _connected(dependency: Dependency, timeout_seconds: float) -> Iterator[socket.socket]:
    limit = max(0.5, clock.real_seconds(timeout_seconds))
    with socket.create_connection((dependency.host, dependency.port), limit) as plain:
        yield plain


@contextmanager
def _secured(dependency: Dependency, timeout_seconds: float) -> Iterator[ssl.SSLSocket]:
    with (
        _connected(dependency, timeout_seconds) as plain,
        trust.public_and_bundle().wrap_socket(plain, server_hostname=dependency.host) as secured,
    ):
        yield secured


def _short(failure: OSError | Unanswered) -> str:
    if isinstance(failure, Unanswered):
        return str(failure)
    return network_failures.why(failure) or f"{type(failure).__name__}: {failure.strerror or failure}"
