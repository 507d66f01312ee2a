"""HTTPS requests over connections that are kept, with the standard library; plain HTTP only where an address says so.

Not urllib3: the server's name differs from the address connected to, no redirect may be followed and no attempt hidden,
and `http.client` does that in fewer lines than it takes to switch the rest off.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

from shared import clock, network_failures
from shared.told import Told
from shared.trust import public_and_bundle

CONNECT_SECONDS: Final = 3.0
BODY_BYTES: Final = 1_048_576
"""As much of an answer's body is looked at."""
USER_AGENT: Final = "understudy-release"
"""So that access logs tell these requests from users'. A request's own headers may say another."""


class Unanswered(Told):
    """No answer came; says why."""

    def __init__(self, why: str, *, connected: bool) -> None:
        """`connected`: the server was reached, its certificate was right, and then it said nothing."""
        super().__init__(why)
        self.connected = connected


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and whose certificate and `Host` to ask for there."""

    host: str
    port: int
    server_name: str
    tls: bool = True
    """False for a container that is asked past the load balancer, within the VPC."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; a path on the address of its connection."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds, of sending and receiving alone."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    seconds: float


class Connection:
    """One connection, opened at the first request and again whenever the server has closed it."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._http: HTTPConnection | None = None

    def send(self, request: Request, *, timeout_seconds: float) -> Answer:
        """The answer to `request`. Raises Unanswered.

        A request that meets a connection which the server closed meanwhile is sent once more, as browsers do, unless it
        may have changed something.
        """
        reused = self._http is not None
        try:
            return self._exchange(request, timeout_seconds)
        except (OSError, HTTPException) as failure:
            again = reused and request.method in ("GET", "HEAD", "OPTIONS") and isinstance(failure, ConnectionError)
            if not again:
                raise self._given_up(failure) from failure
        self.close()
        try:
            return self._exchange(request, timeout_seconds)
        except (OSError, HTTPException) as failure:
            raise self._given_up(failure) from failure

    def close(self) -> None:
        """Close the connection; the next request opens one."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _given_up(self, failure: Exception) -> Unanswered:
        connected = self._http is not None
        self.close()
        return Unanswered(_why(failure), connected=connected)

    def _exchange(self, request: Request, timeout_seconds: float) -> Answer:
        http = self._opened(timeout_seconds)
        if http.sock is not None:
            http.sock.settimeout(max(0.05, clock.real_seconds(timeout_seconds)))
        begin = clock.monotonic()
        headers = {"Host": self._address.server_name, "User-Agent": USER_AGENT, **request.headers}
        http.request(request.method, request.path, body=request.body, headers=headers)
        answer = http.getresponse()
        body = answer.read(BODY_BYTES)
        seconds = clock.monotonic() - begin
        if not answer.isclosed() or http.sock is None:
            self.close()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body, seconds)

    def _opened(self, timeout_seconds: float) -> HTTPConnection:
        if self._http is None:
            limit = max(0.5, clock.real_seconds(min(CONNECT_SECONDS, timeout_seconds)))
            plain = socket.create_connection((self._address.host, self._address.port), limit)
            try:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                socket_ = self._secured(plain) if self._address.tls else plain
            except BaseException:
                plain.close()
                raise
            self._http = HTTPConnection(self._address.host, self._address.port)
            self._http.auto_open = 0  # it would open one without TLS whatever the address says
            self._http.sock = socket_
        return self._http

    def _secured(self, plain: socket.socket) -> socket.socket:
        return public_and_bundle().wrap_socket(plain, server_hostname=self._address.server_name)


def _why(failure: Exception) -> str:
    return network_failures.why(failure) or f"{type(failure).__name__}: {failure}"
