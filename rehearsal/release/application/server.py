"""HTTP/1.1 with keep-alive, as little of it as one load balancer in front of it needs."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.clock import Clock
from rehearsal.release.application.faults import Faults
from rehearsal.release.application.orders import Orders

PAGE_SECONDS: Final = (0.12, 0.2)
"""Virtual time to make a page; steady, so that a version without a fault is never taken for slower."""

LONG_SECONDS: Final = (8.0, 20.0)
"""Virtual time of a long request; less than what a target has to finish its requests when it leaves."""

Answer = tuple[int, bytes]
Handler = Callable[[str, str], Coroutine[Any, Any, Answer]]
REASONS: Final = {200: b"OK", 404: b"Not Found", 500: b"Internal Server Error", 503: b"Service Unavailable"}


class Application:
    """Answers by path; `user` is empty for whoever is not a user: checks and smoke tests."""

    def __init__(self, version: str, clock: Clock) -> None:
        self.clock = clock
        self._version = version.encode()
        self.leaving = False

    async def prepare(self) -> None:
        """Before the first check finds it ready: a user should not wait for it."""

    async def found(self, path: str, user: str) -> Answer:
        """Status and body."""
        raise NotImplementedError

    async def answer(self, path: str, user: str) -> bytes:
        """The whole response."""
        status, body = await self.found(path.partition("?")[0], user)
        head = b"HTTP/1.1 %d %s\r\nx-version: %s\r\ncontent-length: %d\r\ncontent-type: text/plain\r\n"
        last = b"connection: close\r\n\r\n" if self.leaving else b"\r\n"
        return head % (status, REASONS[status], self._version, len(body)) + last + body


class Storefront(Application):
    """The one whose versions are released."""

    def __init__(self, version: str, faults: Faults, orders: Orders, clock: Clock) -> None:
        super().__init__(version, clock)
        self._faults = faults
        self._orders = orders

    async def prepare(self) -> None:
        """See Application."""
        await self._orders.connect()

    async def found(self, path: str, user: str) -> Answer:
        """See Application."""
        if path == "/ready":
            return (200, b"ready") if self._faults.ready else (503, b"not ready")
        if path == "/health":
            return 200, b"healthy"
        if user:
            await self._pass(self._faults.extra_seconds())
            if self._faults.fails():
                return 500, b"this version has a fault"
        if path == "/slow":
            await self._pass(random.uniform(*LONG_SECONDS))  # noqa: S311  # a die, not a secret
            return 200, b"at last"
        await self._pass(random.uniform(*PAGE_SECONDS))  # noqa: S311
        return await self._order(user) if path.startswith("/orders") else (200, b"welcome to the storefront")

    async def _pass(self, virtual_seconds: float) -> None:
        await asyncio.sleep(self.clock.real_seconds(virtual_seconds))

    async def _order(self, user: str) -> Answer:
        try:
            return 200, b"order %d" % await self._orders.place(user or "nobody")
        except (pg8000.native.DatabaseError, pg8000.native.InterfaceError, OSError) as error:
            print(f"an order failed: {type(error).__name__}", flush=True)  # noqa: T201  # the container's log
            return 500, b"the database does not understand"


class Connection(asyncio.Protocol):
    """One connection, one request at a time: that is how HAProxy asks."""

    def __init__(self, application: Application, open_ones: set[Connection]) -> None:
        self._application = application
        self._open = open_ones
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new one."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what a TCP server always gives
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """The other side has gone."""
        self._open.discard(self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Take requests; of those with a body only the head counts, bodies are dropped."""
        self._buffer += data
        if not self.busy and b"\r\n\r\n" in self._buffer:
            self.busy = True
            asyncio.get_running_loop().create_task(self._answer())

    def close_if_idle(self) -> None:
        """For the end: whoever is asked finishes first."""
        if not self.busy and self._transport:
            self._transport.close()

    async def _answer(self) -> None:
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            fields = {
                name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])
            }
            length = int(fields.get(b"content-length", b"0"))
            while len(rest) < length and self._transport:
                await asyncio.sleep(0.001)
                rest = self._buffer.partition(b"\r\n\r\n")[2]
            self._buffer = rest[length:]
            path = lines[0].split(b" ")[1].decode()
            response = await self._application.answer(path, fields.get(b"x-user", b"").decode())
            if self._transport:
                self._transport.write(response)
        self.busy = False
        if self._application.leaving and self._transport:
            self._transport.close()


async def serve(port: int, application: Application) -> None:
    """Serve on loopback until SIGTERM; then accept nothing more, finish what has begun, and return."""
    loop = asyncio.get_running_loop()
    open_ones: set[Connection] = set()
    await application.prepare()
    server = await loop.create_server(lambda: Connection(application, open_ones), "127.0.0.1", port, backlog=1024)
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    application.leaving = True
    server.close()
    for one in list(open_ones):
        one.close_if_idle()
    while open_ones:
        await asyncio.sleep(0.02)
