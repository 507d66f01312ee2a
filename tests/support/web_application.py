"""A small web application behind TLS on the loopback: what a test listener leads to."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rehearsal.servers.certificates import Certificate


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers, after `seconds`."""

    status: int = 200
    body: str = "well"
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class WebApplication:
    """A running application; `answers` may change while it runs."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Host of each."""
    connections: set[tuple[str, int]] = field(default_factory=set)
    failing_every: int = 0
    """Every so many requests one 500; 0: none."""
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def web_application(certificate: Certificate) -> Iterator[WebApplication]:
    """An application that shows `certificate`."""
    application = WebApplication(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _respond(self) -> None:
            application.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            application.requests.append((self.command, self.path, self.headers["Host"]))
            application.connections.add(self.client_address)
            answer = application.answers.get(self.path, Answer())
            status = answer.status
            if application.failing_every and not len(application.requests) % application.failing_every:
                status = 500
            time.sleep(answer.seconds)
            body = b"" if self.command == "HEAD" else answer.body.encode()
            self.send_response_only(status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_HEAD = do_PUT = _respond  # noqa: N815 - the base class looks for these

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            """Be quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients leave as they like."""

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = Server(("localhost", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    application.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
