"""Every connection between regions goes through a port of its own on loopback, which can be cut or slow."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping

from rehearsal.clock import Clock
from rehearsal.ports import free_port
from rehearsal.reach import SILENCE_SECONDS, Reach

CHUNK_BYTES = 65536
_Link = tuple[str, str, int]
"""Who calls, which region, and at which port there."""


class Relays:
    """All of them, in a thread of its own. What is cut answers nothing for a while and then hangs up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reach = Reach()
        self._slow: dict[str, float] = {}
        self._closed: set[_Link] = set()
        self._ports: dict[_Link, int] = {}
        self._open: dict[asyncio.Task[None], _Link] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relays", daemon=True)
        self._thread.start()

    def port(self, caller: str, region: str, target: int) -> int:
        """Where `caller` finds what listens at the port `target` in `region`."""
        with self._lock:
            known = self._ports.get((caller, region, target))
            if known is None:
                known = self._ports[caller, region, target] = free_port()
                self._run(self._listen((caller, region, target), known))
            return known

    def change(self, reach: Reach) -> None:
        """Connections that are cut now end at once."""
        self._reach = reach
        self._run(self._end_what_is_cut())

    def close(self, caller: str, region: str, target: int) -> None:
        """From now on this one way is lost."""
        self._closed.add((caller, region, target))
        self._run(self._end_what_is_cut())

    def slow(self, seconds: Mapping[str, float]) -> None:
        """From now on what a region answers takes so much longer; virtual seconds by region."""
        self._slow = dict(seconds)

    def stop(self) -> None:
        """End all."""
        self._run(self._end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: asyncio._CoroutineLike[None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()  # type: ignore[arg-type]

    def _reaches(self, link: _Link) -> bool:
        return link not in self._closed and self._reach.reaches(link[0], link[1])

    async def _listen(self, link: _Link, port: int) -> None:
        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  # asyncio calls this in one
            self._open[task] = link
            try:
                # Who is cancelled here is cut off, which is all that there is to say about it.
                with contextlib.suppress(asyncio.CancelledError):
                    await self._carry(link, reader, writer)
            finally:
                del self._open[task]
                writer.transport.abort()

        await asyncio.start_server(accepted, "127.0.0.1", port, backlog=512)

    async def _carry(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._reaches(link):
            await asyncio.sleep(self._clock.real_seconds(SILENCE_SECONDS))
            return
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", link[2])
            try:
                ways = (self._pump(reader, back, None), self._pump(there, writer, link[1]))
                _, left = await asyncio.wait(
                    [asyncio.ensure_future(way) for way in ways], return_when=asyncio.FIRST_COMPLETED
                )
                for task in left:
                    task.cancel()
            finally:
                back.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, region: str | None) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if region and (late := self._slow.get(region)):
                    await asyncio.sleep(self._clock.real_seconds(late))
                sink.write(data)
                await sink.drain()

    async def _end_what_is_cut(self) -> None:
        for task, link in list(self._open.items()):
            if not self._reaches(link):
                task.cancel()

    async def _end_all(self) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.sleep(0)
