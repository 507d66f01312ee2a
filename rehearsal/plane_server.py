"""A data plane over HTTP, for the engines in the embedded AWS's process: JSON in, JSON out, on loopback.

400 with a sentence for what cannot be read, 404 for what nobody made. All durations are virtual seconds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rehearsal.failure import RehearsalError

Done = Callable[[str, str, str, dict[str, Any]], dict[str, Any]]
"""Does what a method, a kind, a name and a body ask for, and returns the answer."""


class UnknownRequest(Exception):  # noqa: N818  # reads as what it is
    """Nobody asks such a thing of this data plane."""


class PlaneServer:
    """Serves in threads of its own."""

    def __init__(self, done: Done) -> None:
        handler = type("Handler", (_Handler,), {"done": staticmethod(done)})
        self._server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="data-plane", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://localhost:{self._server.server_port}"

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    done: Done
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the library's name
        self._answer({})

    def do_DELETE(self) -> None:
        self._answer(self._body())

    def do_PUT(self) -> None:
        self._answer(self._body())

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, *_: object) -> None:
        """One line per request would bury what matters."""

    def _body(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        return content

    def _answer(self, body: dict[str, Any]) -> None:
        kind, _, name = self.path.strip("/").partition("/")
        try:
            status, answer = 200, self.done(self.command, kind, name, body)
        except UnknownRequest as error:
            status, answer = 404, {"error": str(error)}
        except (KeyError, LookupError) as error:
            status, answer = (404 if self.command == "GET" else 400), {"error": f"unknown or missing: {error}"}
        except (ValueError, TypeError) as error:
            status, answer = 400, {"error": str(error)}
        except RehearsalError as error:
            status, answer = 500, {"error": f"{error.reason}: {error.details}"}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
