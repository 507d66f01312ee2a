"""A keep-alive connection of a user agent: one request at a time, HTTP/1.1, answers with a length."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """What counts of an answer; `status` 0 means that none came, and `error` says why."""

    status: int
    version: str = ""
    target: str = ""
    error: str = ""


class Connection(asyncio.Protocol):
    """`send` calls back once for each request, also when the connection breaks."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._done: Callable[[Response], None] | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what a TCP client always gets
        self._transport = transport
        self.open = True

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone; a request under way has failed."""
        self.open = False
        self._finish(Response(0, error=type(error).__name__ if error else "closed"))

    def send(self, request: bytes, done: Callable[[Response], None]) -> None:
        """Send one request."""
        self._done = done
        if self._transport is None or not self.open:
            self._finish(Response(0, error="closed"))
        else:
            self._transport.write(request)

    def give_up(self, error: str) -> None:
        """The answer takes too long: the connection is of no more use."""
        self._finish(Response(0, error=error))
        self.close()

    def close(self) -> None:
        """Close it."""
        self.open = False
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Part of an answer."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        length = int(fields.get(b"content-length", b"0"))
        if len(self._buffer) < end + 4 + length:
            return
        del self._buffer[: end + 4 + length]
        if fields.get(b"connection", b"").lower() == b"close":
            self.open = False
        status = int(lines[0].split(b" ", 2)[1])
        version, target = fields.get(b"x-version", b""), fields.get(b"x-target", b"")
        self._finish(Response(status, version.decode(), target.decode()))

    def _finish(self, response: Response) -> None:
        done, self._done = self._done, None
        if done:
            done(response)
