"""The stage over HTTP, for the engines in the embedded AWS's process: JSON in, JSON out, on loopback.

| request | effect |
|---|---|
| PUT /routes | the whole routing table |
| POST /task-sets | have `count` tasks of an image in target groups; again to scale |
| GET, DELETE /task-sets/ID | what became of them; drain and stop them |
| POST /one-off-tasks, GET /one-off-tasks/ID | a command of an image |
| GET /network/REGION | where handlers' connections go |

400 with a sentence for what cannot be read, 404 for what nobody made. All durations are virtual seconds.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rehearsal.failure import RehearsalError
from rehearsal.release.routing_table import UnknownTable, read
from rehearsal.release.stage import Stage


class UnknownRequest(Exception):  # noqa: N818  # reads as what it is
    """Nothing of a release is asked for so."""


class DataPlane:
    """Serves a stage in threads of its own."""

    def __init__(self, stage: Stage) -> None:
        handler = type("Handler", (_Handler,), {"stage": stage})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="data-plane", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://localhost:{self._server.server_port}"

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    stage: Stage
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
            status, answer = 200, self._done(self.command, kind, name, body)
        except UnknownRequest as error:
            status, answer = 404, {"error": str(error)}
        except (KeyError, LookupError) as error:
            status, answer = (404 if self.command == "GET" else 400), {"error": f"unknown or missing: {error}"}
        except (UnknownTable, ValueError, TypeError) as error:
            status, answer = 400, {"error": str(error)}
        except RehearsalError as error:
            status, answer = 500, {"error": f"{error.reason}: {error.details}"}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _done(self, method: str, kind: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        stage = self.stage
        match method, kind:
            case "GET", "network":
                return stage.network
            case "PUT", "routes":
                stage.apply(read(body))
            case "POST", "task-sets":
                stage.run_task_set(body["id"], body["image_digest"], int(body["count"]), body["target_groups"])
            case "GET", "task-sets":
                return stage.task_set(name)
            case "DELETE", "task-sets":
                seconds = float(body["deregistration_seconds"]), float(body["stop_seconds"])
                stage.end_task_set(name, *seconds)
            case "POST", "one-off-tasks":
                stage.run_one_off(body["id"], body["image_digest"], body["command"], body.get("environment", {}))
            case "GET", "one-off-tasks":
                return stage.one_off(name)
            case _:
                raise UnknownRequest(f"{method} /{kind}")
        return {}
