"""Ports on loopback for servers that are about to start."""

from __future__ import annotations

import random
import socket
from typing import Final

SERVERS_PORTS: Final = range(10_240, 32_000)
"""Below those that Linux gives to connections that go out (ip_local_port_range, from 32768): between the choice of a port
and the server's start, one of a rehearsal's many connections could take it."""

_GIVEN: Final[set[int]] = set()
"""Ports of servers of this process that may not listen yet. None is given twice."""


def free_port() -> int:
    """A port that nobody listens at, and that was not given before.

    Raises:
        OSError: a hundred tries found none.
    """
    chance = random.SystemRandom()
    for _ in range(100):
        with socket.socket() as attempt:
            port = chance.choice(SERVERS_PORTS)
            if port in _GIVEN:
                continue
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            _GIVEN.add(port)
            return port
    raise OSError("no free port was found on loopback")
