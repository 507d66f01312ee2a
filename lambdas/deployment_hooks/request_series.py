"""Many requests at a constant rate over connections that are kept, as users' browsers and other services send them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from queue import Empty, LifoQueue
from typing import Final

from shared import clock
from shared.http_requests import Address, Connection, Request, Unanswered

SERVER_ERROR: Final = 500
_MOST_CONNECTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Series:
    """What became of a series of requests."""

    seconds: tuple[float, ...]
    """Of each answer, ascending. Answers with 5xx included."""
    failures: tuple[str, ...]
    """A sentence for each request that got a 5xx or no answer."""
    sent: int

    def percentile_ms(self, share: float) -> float:
        """By the nearest rank; 0 without answers."""
        if not self.seconds:
            return 0.0
        return 1000 * self.seconds[max(0, ceil(share * len(self.seconds)) - 1)]


def send(
    address: Address, requests: Sequence[Request], *, count: int, per_second: float, timeout_seconds: float
) -> Series:
    """Send `count` requests, taking `requests` in turn, one every 1/`per_second` seconds; wait `timeout_seconds` for each.

    A slow answer does not hold back the next request, as long as there are connections left.
    """
    idle: LifoQueue[Connection] = LifoQueue()
    opened: list[Connection] = []

    def one(index: int) -> float | str:
        try:
            connection = idle.get_nowait()
        except Empty:
            connection = Connection(address)
            opened.append(connection)
        request = requests[index % len(requests)]
        try:
            answer = connection.send(request, timeout_seconds=timeout_seconds)
        except Unanswered as failure:
            return f"{request.method} {request.path}: {failure}"
        finally:
            idle.put(connection)
        if answer.status >= SERVER_ERROR:
            failed.append(f"{request.method} {request.path}: {answer.status}")
        return answer.seconds

    failed: list[str] = []
    begin = clock.monotonic()
    with ThreadPoolExecutor(max_workers=min(_MOST_CONNECTIONS, count)) as threads:
        waiting = []
        for index in range(count):
            clock.pause(begin + index / per_second - clock.monotonic())
            waiting.append(threads.submit(one, index))
        results = [each.result() for each in waiting]
    for connection in opened:
        connection.close()
    answered = sorted(result for result in results if isinstance(result, float))
    return Series(tuple(answered), tuple(failed) + tuple(str(each) for each in results if isinstance(each, str)), count)
