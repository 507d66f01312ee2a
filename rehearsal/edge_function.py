"""A CloudFront Function at a viewer's request, run by Node.js as CloudFront runs it: its own code, its own event."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rehearsal.failure import RehearsalError

RUNTIME = Path(__file__).with_suffix(".mjs")


@dataclass(frozen=True, slots=True)
class Handled:
    """What the function did with a request."""

    origin: str | None
    """ID of the origin that it selected; None when it left the behaviour's own."""
    result: dict[str, Any]
    """The request that goes on, or with a `statusCode` the answer that the viewer gets at once."""
    reads: int
    """How often it asked the key-value store."""
    log: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Whether the viewer gets its answer from the function itself."""
        return "statusCode" in self.result


class EdgeFunction:
    """A function in a child process that is kept; `origins` are the IDs of those that its distribution has.

    Raises RehearsalError: the code cannot be loaded, or an event makes it throw, for which CloudFront answers 503.
    """

    def __init__(self, code: str, *, origins: Collection[str]) -> None:
        self._lock = threading.Lock()
        self._child = subprocess.Popen(
            ["node", str(RUNTIME)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._ask({"code": code, "origins": sorted(origins)})

    def handle(self, event: Mapping[str, Any], *, store: Mapping[str, str] | None) -> Handled:
        """Have it handle `event`; `store` is what the key-value store holds, None when it cannot be read."""
        answer = self._ask({"event": event, "store": store})
        return Handled(answer["origin"], answer["result"], answer["reads"], tuple(answer["log"]))

    def close(self) -> None:
        """End its process."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()

    def __enter__(self) -> Self:
        """Nothing: it runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End its process."""
        self.close()

    def _ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if self._child.stdin is None or self._child.stdout is None:
            raise RehearsalError("the function at the edge has ended", remedy="start it again")
        with self._lock:
            self._child.stdin.write(json.dumps(asked) + "\n")
            self._child.stdin.flush()
            line = self._child.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "its process has ended"}
        if "error" in answer:
            raise RehearsalError(
                f"the function at the edge failed: {answer['error']}",
                remedy="CloudFront would answer 503: mend its code",
            )
        return answer


def viewer_request(
    method: str, uri: str, *, headers: Mapping[str, str] | None = None, querystring: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The event of a request, as the Developer Guide shows it (CloudFront Functions event structure)."""
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "198.51.100.7"},
        "request": {
            "method": method,
            "uri": uri,
            "querystring": {name: {"value": value} for name, value in (querystring or {}).items()},
            "headers": {name.lower(): {"value": value} for name, value in (headers or {}).items()},
            "cookies": {},
        },
    }
