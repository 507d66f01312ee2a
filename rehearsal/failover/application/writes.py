"""Answers by path: a numbered write, or whether the database answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.clock import Clock
from rehearsal.failover.session import Session
from rehearsal.release.application.server import Application

CHECK_SECONDS: Final = 5.0
"""Virtual: between two looks at the database; its readiness is as old at the most."""
SESSIONS: Final = 2
FAILURES: Final = (pg8000.native.DatabaseError, pg8000.native.InterfaceError, OSError)


class Writes(Application):
    """`x-user` is the number of a write; `x-version` of an answer is the region."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        clock = Clock.from_environment()
        super().__init__(variables["REGION"], clock)
        self._threads = ThreadPoolExecutor(SESSIONS + 1, thread_name_prefix="sessions")
        self._sessions: asyncio.Queue[Session] = asyncio.Queue()
        self._check = Session(variables)
        self._variables = variables
        self._errors = float(variables.get("ERRORS", "0"))
        self._database_answers = False

    async def prepare(self) -> None:
        """Look at the database before anybody asks, and again and again."""
        for _ in range(SESSIONS):
            self._sessions.put_nowait(Session(self._variables))
        await self._look()
        self._looking = asyncio.get_running_loop().create_task(self._keep_looking())

    async def found(self, path: str, user: str) -> tuple[int, bytes]:
        """See Application."""
        if path.startswith("/orders") and user:
            return await self._write(int(user))
        if self._database_answers:
            return 200, b"welcome to the storefront, order here"
        return 503, b"the database does not answer"

    async def _write(self, number: int) -> tuple[int, bytes]:
        session = await self._sessions.get()
        try:
            await self._in_thread(lambda: session.write("users", number))
        except FAILURES:
            return 500, b"not written"
        finally:
            self._sessions.put_nowait(session)
        return 200, b"order %d" % number

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self.clock.real_seconds(CHECK_SECONDS))
            await self._look()

    async def _look(self) -> None:
        try:
            await self._in_thread(self._check.ask)
        except FAILURES:
            self._database_answers = False
        else:
            self._database_answers = True

    async def _in_thread(self, work: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, work)  # type: ignore[arg-type]
