"""One warm execution environment of a Lambda function: a child process that runs the deployed handler.

As in AWS, it is reused while nothing about the function changes, handles one event at a time, and is killed when an
event takes longer than the function's time-out. The time-out counts virtual seconds and starts once the code is
loaded: AWS gives initialization ten seconds of its own
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
"""

import json
import os
import select
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.emulator.engines.fork_server import fork_server

INITIALIZATION_SECONDS = 60
"Real seconds: several processes may start at once on a small machine."


@dataclass(frozen=True)
class Answer:
    """What came of an event: a payload, and whether it is an error's."""

    payload: Any
    failed: bool


def failure(kind: str, message: str) -> Answer:
    """Return an error of the form that Lambda gives one."""
    return Answer({"errorType": kind, "errorMessage": message}, failed=True)


class FunctionProcess:
    """A child process that loads a handler once and then runs it per event. Raises OSError when it cannot start.

    What the handler prints goes where the emulator's own log goes.
    """

    def __init__(self, *, folder: Path, handler: str, environment: Mapping[str, str]) -> None:
        mine, theirs = os.pipe()
        given, giving = os.pipe()
        try:
            self._child = fork_server().start(
                folder=folder, handler=handler, environment=environment, given=given, answers=theirs
            )
        except OSError:
            os.close(mine)
            os.close(giving)
            raise
        finally:
            os.close(theirs)
            os.close(given)
        self._events = os.fdopen(giving, "wb")
        self._answers = os.fdopen(mine, "rb", buffering=0)
        self._unread = b""
        self._ready = False
        self._killing = threading.Lock()
        self._killed = False

    @property
    def alive(self) -> bool:
        """Whether it can take another event. It never speaks unasked: what can be read then is the end."""
        return not self._killed and not select.select([self._answers], [], [], 0)[0]

    def load(self) -> Answer | None:
        """Wait until its code is loaded; return what came of it when it cannot be, and then the process is gone."""
        if self._ready:
            return None
        try:
            loaded = self._line(INITIALIZATION_SECONDS)
        except EOFError:
            loaded = {"error": failure("Runtime.ExitError", "Runtime exited").payload}
        if loaded is None:
            loaded = {"error": failure("Runtime.InitError", "initialization did not end").payload}
        self._ready = "error" not in loaded
        if self._ready:
            return None
        self.kill()
        return Answer(loaded["error"], failed=True)

    def handle(self, event: Any, context: Mapping[str, Any], *, timeout_seconds: float) -> Answer:  # noqa: ANN401  # JSON
        """Run the handler, which `load` has loaded; `timeout_seconds` are real. The process is gone after an answer that it
        did not give.
        """
        try:
            self._events.write(json.dumps({"event": event, "context": dict(context)}).encode() + b"\n")
            self._events.flush()
            answer = self._line(timeout_seconds)
        except (BrokenPipeError, EOFError):
            self.kill()
            return failure("Runtime.ExitError", "RequestId: " + context["aws_request_id"] + " Error: Runtime exited")
        if answer is None:
            self.kill()
            return failure("Sandbox.Timedout", f"Task timed out after {context['timeout_seconds']:.2f} seconds")
        if "error" in answer:
            return Answer(answer["error"], failed=True)
        return Answer(answer["result"], failed=False)

    def kill(self) -> None:
        """End it as AWS does, without a warning; who waits for its answer hears of it. Nothing happens the second time."""
        with self._killing:
            if self._killed:
                return
            self._killed = True
        fork_server().end(self._child)

    def _line(self, seconds: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._unread:
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([self._answers], [], [], remaining)[0]:
                return None
            received = self._answers.read(65536)
            if not received:
                raise EOFError
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer
