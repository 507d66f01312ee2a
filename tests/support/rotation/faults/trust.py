"""Servers that nobody should talk to: of an unknown authority, or without TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from rehearsal.servers.certificates import Authority
from shared import trust

_CACHED: Final = (trust.public_and_bundle, trust.bundle_alone)
HANDSHAKE: Final = b"\x16\x03"
"""What TLS begins with: a record of type handshake, version 3 (RFC 8446, 5.1)."""
SECONDS: Final = 3.0


@contextmanager
def another_authority() -> Iterator[None]:
    """Certificates of this one are to be believed, and no server here has one."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patches:
        patches.setenv("CA_BUNDLE", str(Authority(Path(folder)).file))
        _forget()
        yield
    _forget()


def unverified() -> ssl.SSLContext:
    """TLS with whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def unnamed() -> ssl.SSLContext:
    """TLS with whoever has any certificate of the right authority."""
    context = ssl.create_default_context(cafile=str(trust.bundle()))
    context.check_hostname = False
    return context


@contextmanager
def eavesdropper() -> Iterator[tuple[int, list[bytes]]]:
    """A server without TLS: its port, and what the first who came has said."""
    heard: list[bytes] = []

    def listen(listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(SECONDS)
            heard.append(connection.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        thread = threading.Thread(target=listen, args=(listener,))
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join()


def _forget() -> None:
    for context in _CACHED:
        context.cache_clear()
