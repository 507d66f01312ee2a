"""The CDN: HTTPS for users and probes; the template's own function selects the region of each request.

Its locations hear of a change of the key-value store within a few seconds (CloudFront Developer Guide, key-value store);
here after `PROPAGATION_SECONDS`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from rehearsal.clock import Clock
from rehearsal.edge_function import EdgeFunction, viewer_request
from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Certificate

PROPAGATION_SECONDS: Final = 5.0
"""Virtual."""
ANSWER_SECONDS: Final = 30.0
"""Virtual: as long as CloudFront waits for an origin's answer when nothing else is said (Developer Guide, response time-out)."""
LEAST_ANSWER_SECONDS: Final = 3.0
"""Real: a busy machine is not taken for a silent origin."""
HOP: Final = frozenset({"connection", "keep-alive", "host", "content-length", "transfer-encoding"})


class Front:
    """Thread-safe. `origins`: by the ID of each, its port on loopback."""

    def __init__(
        self, code: str, origins: Mapping[str, int], certificate: Certificate, authority: str, clock: Clock
    ) -> None:
        self._function = EdgeFunction(code, origins=list(origins))
        self._origins, self._clock = origins, clock
        self._trust = ssl.create_default_context(cafile=authority)
        self._trust.check_hostname = False
        self._values: dict[str, str] = {}
        self._patience = max(clock.real_seconds(ANSWER_SECONDS), LEAST_ANSWER_SECONDS)
        self.port = free_port()
        handler = type("Handler", (_Handler,), {"front": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown.load_cert_chain(certificate.chain, certificate.key)
        # Hands are shaken in each connection's own thread, or a slow one would keep everybody waiting.
        self._server.socket = shown.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="front", daemon=True).start()

    @property
    def values(self) -> dict[str, str]:
        """What its locations know of the key-value store."""
        return dict(self._values)

    def tell(self, values: Mapping[str, str]) -> None:
        """The key-value store holds this now."""
        wanted = dict(values)

        def arrive() -> None:
            self._clock.sleep(PROPAGATION_SECONDS)
            self._values = wanted

        threading.Thread(target=arrive, name="propagation", daemon=True).start()

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        uri, _, query = path.partition("?")
        try:
            handled = self._function.handle(viewer_request(method, uri, headers=headers), store=self._values)
        except RehearsalError:
            return 503, {}, b"the function failed"
        if handled.answered:
            body_of = handled.result.get("body") or {}
            return int(handled.result["statusCode"]), {}, str(body_of.get("data", "")).encode()
        target = str(handled.result["uri"]) + (f"?{query}" if query else "")
        try:
            return self._asked(self._origins[str(handled.origin)], method, target, headers, body)
        except TimeoutError:
            return 504, {}, b"the origin does not answer"
        except (OSError, http.client.HTTPException):
            return 502, {}, b"the origin cannot be reached"

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._function.close()

    def _asked(
        self, port: int, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=self._patience, context=self._trust)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() not in HOP}
            connection.request(method, path, body or None, {**kept, "host": headers.get("host", "")})
            answer = connection.getresponse()
            given = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in HOP}
            return answer.status, given, answer.read()
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # the library's
        """A viewer that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    front: Front
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:  # the library's names
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """One line per request would bury what matters."""

    def setup(self) -> None:
        """Shake hands here, in the connection's own thread."""
        request: ssl.SSLSocket = self.request
        request.settimeout(self.timeout)
        request.do_handshake()
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, given, content = self.front.answer(self.command, self.path, headers, body)
        self.send_response(status)
        for name, value in given.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
