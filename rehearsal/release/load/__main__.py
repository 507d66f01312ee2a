"""`python -m rehearsal.release.load`: sends requests until its input ends, then waits for what is under way.

Open loop: a request is sent when its time has come, whether or not earlier ones are answered, as users do it. Each user
is a number; which one sends next is drawn, so that what a user meets is what the load balancer's die gives.

Every half second a line of JSON tells how far it is: sent, answered, failed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import ssl
import sys
import time
from dataclasses import asdict, dataclass
from typing import TextIO

from rehearsal.release.load.connection import Connection, Response
from rehearsal.release.load.record import Record

TICK_SECONDS = 0.004
TELL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, and where. `rate` is requests a second, all times real seconds; `timeout_seconds` is that of connecting and,
    once connected, that of the answer.
    """

    port: int
    host: str
    ca_file: str
    rate: float
    users: int
    slow_share: float
    orders_share: float
    timeout_seconds: float
    file: str
    connections: int = 40
    numbered: bool = False
    """Every request is an order, of a user who never came before and never comes again: a number of its own."""


@dataclass(slots=True)
class Tally:
    """How far it is."""

    sent: int = 0
    answered: int = 0
    failed: int = 0


class Load:
    """The users."""

    def __init__(self, order: Order, file: TextIO) -> None:
        self._order = order
        self._file = file
        self._context = ssl.create_default_context(cafile=order.ca_file)
        self._idle: list[Connection] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count()
        self.tally = Tally()

    async def run(self, told: asyncio.Event) -> None:
        """Send until told to end."""
        self._idle = await asyncio.gather(*(self._connect() for _ in range(self._order.connections)))
        start, due = time.monotonic(), 0
        while not told.is_set():
            wanted = int((time.monotonic() - start) * self._order.rate)
            for _ in range(wanted - due):
                self._begin()
            due = wanted
            await asyncio.sleep(TICK_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way)
        for connection in self._idle:
            connection.close()

    def _begin(self) -> None:
        die = random.random()  # noqa: S311  # a die, not a secret
        slow, orders = self._order.slow_share, self._order.orders_share
        path = "/slow" if die < slow else "/orders" if die < slow + orders else "/"
        user = random.randrange(self._order.users)  # noqa: S311
        if self._order.numbered:
            user, path = next(self._numbers), "/orders"
        self.tally.sent += 1
        task = asyncio.get_running_loop().create_task(self._request(user, path))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _request(self, user: int, path: str) -> None:
        loop = asyncio.get_running_loop()
        epoch, started = time.time(), time.monotonic()
        answered: asyncio.Future[Response] = loop.create_future()
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self._order.timeout_seconds):
                connection = await self._some_connection()
        except TimeoutError:
            answered.set_result(Response(0, error="time-out"))
        except (OSError, ssl.SSLError) as error:
            answered.set_result(Response(0, error=type(error).__name__))
        else:
            method = "POST" if self._order.numbered else "GET"
            text = f"{method} {path} HTTP/1.1\r\nhost: {self._order.host}\r\nx-user: {user}\r\n\r\n"
            late = loop.call_later(self._order.timeout_seconds, connection.give_up, "time-out")
            connection.send(text.encode(), answered.set_result)
            await answered
            late.cancel()
        response = answered.result()
        if connection and connection.open:
            self._idle.append(connection)
        self._note(Record(
            epoch, user, response.status, 1000 * (time.monotonic() - started), response.version,
            response.target or response.error, path,
        ))  # fmt: skip

    async def _some_connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        return await self._connect()

    async def _connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, "127.0.0.1", self._order.port, ssl=self._context, server_hostname=self._order.host
        )
        return connection

    def _note(self, record: Record) -> None:
        self.tally.answered += 1
        self.tally.failed += record.failed
        self._file.write(record.line() + "\n")


async def _main(order: Order) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    # Whoever started it holds the other end: it ends also when that one dies.
    loop.add_reader(sys.stdin.fileno(), told.set)
    with open(order.file, "w", buffering=1 << 16) as file:  # noqa: PTH123
        load = Load(order, file)
        telling = loop.create_task(_tell(load))
        await load.run(told)
        telling.cancel()
        print(json.dumps(asdict(load.tally)), flush=True)  # noqa: T201  # that is how it tells


async def _tell(load: Load) -> None:
    while True:
        print(json.dumps(asdict(load.tally)), flush=True)  # noqa: T201
        await asyncio.sleep(TELL_SECONDS)


if __name__ == "__main__":
    asyncio.run(_main(Order(**json.loads(sys.argv[1]))))
