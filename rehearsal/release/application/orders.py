"""Orders in PostgreSQL: written and counted by each request; the new version writes a column that its migration adds."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pg8000.native  # type: ignore[import-untyped]

CONNECTIONS: Final = 2


def connect(variables: Mapping[str, str]) -> pg8000.native.Connection:
    """A connection as the container's variables say."""
    return pg8000.native.Connection(
        variables["DATABASE_USERNAME"],
        host=variables["DATABASE_HOST"],
        port=int(variables["DATABASE_PORT"]),
        password=variables["DATABASE_PASSWORD"],
        database=variables["DATABASE_NAME"],
    )


class Orders:
    """A few connections, each in a thread of its own."""

    def __init__(self, variables: Mapping[str, str], *, migrated: bool) -> None:
        self._variables = variables
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="orders")
        self._own = threading.local()
        self._insert = (
            "INSERT INTO orders (customer, note) VALUES (:customer, 'by the new version')"
            if migrated
            else "INSERT INTO orders (customer) VALUES (:customer)"
        )

    @classmethod
    def from_environment(cls) -> Orders:
        """As the process's variables say; MIGRATED is set for a version that needs the new schema."""
        return cls(os.environ, migrated=bool(os.environ.get("MIGRATED")))

    async def connect(self) -> None:
        """Open all connections. A database that does not answer is the requests' trouble, not the start's."""
        loop = asyncio.get_running_loop()
        together = threading.Barrier(CONNECTIONS)  # one thread for each, not one after the other
        opening = [loop.run_in_executor(self._threads, self._open, together) for _ in range(CONNECTIONS)]
        await asyncio.gather(*opening, return_exceptions=True)

    async def place(self, customer: str) -> int:
        """Write an order; return its number. Raises pg8000's errors."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._place, customer)

    def _open(self, together: threading.Barrier) -> None:
        together.wait()
        self._connection()

    def _connection(self) -> pg8000.native.Connection:
        connection: pg8000.native.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = connect(self._variables)
        return connection

    def _place(self, customer: str) -> int:
        connection = self._connection()
        try:
            rows = connection.run(f"{self._insert} RETURNING id", customer=customer)
        except pg8000.native.InterfaceError:
            # The connection is gone; the next request gets a new one.
            self._own.connection = None
            raise
        return int(rows[0][0])
