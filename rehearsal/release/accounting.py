"""What the load balancer says of each request, counted by target group, version and virtual minute."""

from __future__ import annotations

import math
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rehearsal.clock import Clock

PERIOD_SECONDS: Final = 60
RECEIVE_BYTES: Final = 4 * 1024 * 1024
FIELDS: Final = 7
NOTED_FAILURES: Final = 20


@dataclass(slots=True)
class Count:
    """The requests that one target group answered in one period."""

    requests: int = 0
    target_errors: int = 0
    """5xx that the target itself answered."""
    balancer_errors: int = 0
    """5xx because there was no target, or it broke off."""
    seconds: Counter[float] = field(default_factory=Counter)
    """How often a target took how long until its response began; virtual seconds, two significant digits."""


class Accounting:
    """Reads the log in a thread of its own."""

    def __init__(self, log_socket: Path, clock: Clock, group_of: Callable[[str], str]) -> None:
        self._clock = clock
        self._group_of = group_of
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], Count] = {}
        self.lines = 0
        self.failures: list[str] = []
        """The first lines about requests that no target answered; the fifth field of each says how they ended."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        self._socket.bind(str(log_socket))
        self._thread = threading.Thread(target=self._read, name="accounting", daemon=True)
        self._thread.start()

    def period(self, number: int) -> dict[str, Count]:
        """Counts by target group of period `number` (virtual minutes since 1970)."""
        with self._lock:
            return {group: count for (group, of), count in self._counts.items() if of == number}

    def total(self, group: str) -> Count:
        """All that `group` answered so far."""
        with self._lock:
            counts = [count for (of, _), count in self._counts.items() if of == group]
        return Count(
            sum(count.requests for count in counts),
            sum(count.target_errors for count in counts),
            sum(count.balancer_errors for count in counts),
        )

    def stop(self) -> None:
        """Read no more."""
        # Closing alone would not wake the reader.
        self._socket.shutdown(socket.SHUT_RD)
        self._socket.close()

    def _read(self) -> None:
        while True:
            try:
                line = self._socket.recv(1024)
            except OSError:
                return
            fields = line.decode(errors="replace").split()
            # HAProxy also tells there which server it found up or down.
            if len(fields) == FIELDS and fields[0] == "request":
                self._take(fields[1:])

    def _take(self, fields: list[str]) -> None:
        backend, server, status, to_first_byte = fields[0], fields[1], int(fields[2]), int(fields[3])
        group = self._group_of(backend)
        number = int(self._clock.epoch() // PERIOD_SECONDS)
        with self._lock:
            self.lines += 1
            count = self._counts.setdefault((group, number), Count())
            answered = to_first_byte >= 0 and not server.startswith("<")
            # An ALB counts a request where a target was chosen (CloudWatch metrics, RequestCount).
            if not server.startswith("<"):
                count.requests += 1
            if status >= 500 and answered:
                count.target_errors += 1
            elif status >= 500 or status < 0:
                count.balancer_errors += 1
                if len(self.failures) < NOTED_FAILURES:
                    self.failures.append(" ".join(fields))
            if answered:
                count.seconds[rounded(to_first_byte / 1000 * self._clock.speed)] += 1


def rounded(seconds: float) -> float:
    """Two significant digits, a millisecond at least: CloudWatch takes 150 different values at once."""
    if seconds <= 0.001:
        return 0.001
    return round(seconds, 1 - math.floor(math.log10(seconds)))
