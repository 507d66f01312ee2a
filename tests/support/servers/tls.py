"""A connection by TLS, as a client opens it that checks the server's certificate."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.process import HOST


@contextmanager
def connected(port: int, *, trusts: Path, timeout_seconds: float = 2.0) -> Iterator[ssl.SSLSocket]:
    """A verified connection to a server on the loopback. Raises OSError, ssl.SSLError among them, if there is none."""
    context = ssl.create_default_context(cafile=str(trusts))
    with (
        socket.create_connection((HOST, port), timeout=timeout_seconds) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secured,
    ):
        yield secured
