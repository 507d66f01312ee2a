"""Forks execution environments from a process that has loaded the libraries already: `python fork_server.py FD`.

A function's process would spend half a second of processor time on importing botocore, and a rehearsal starts hundreds of
them within a minute. Of this file, `main` runs in that process, which has one thread and so can fork; `ForkServer` asks it.
"""

import functools
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

LOADED = ("botocore.session", "botocore.httpsession", "botocore.signers", "msgspec", "function_runtime")
"What every function would import. They read their settings when they are used, so from the function's environment."
SERVICES = ("cloudwatch", "dynamodb", "ecs", "elbv2", "lambda", "rds", "secretsmanager", "sns", "ssm", "stepfunctions")
"Whose models are read beforehand, since most functions call them; the others' are read where they are wanted."
LENGTH_BYTES = 8


class ForkServer:
    """Starts children, and knows when they have ended. Threads may share it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__)), str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            # Ctrl-C in the terminal of the rehearsal is not for the handlers.
            start_new_session=True,
        )
        theirs.close()

    def start(self, *, folder: Path, handler: str, environment: Mapping[str, str], given: int, answers: int) -> int:
        """Run a function's process in `folder`, which reads events from `given`; return its ID. Raises OSError."""
        request = {"folder": str(folder), "handler": handler, "environment": dict(environment)}
        return int(self._ask(request, given, answers)["pid"])

    def end(self, process: int) -> None:
        """Kill a process that `start` gave. Until then its ID is nobody else's, though it may have ended long ago."""
        with suppress(OSError):
            self._ask({"end": process})

    def _ask(self, request: Mapping[str, Any], *descriptors: int) -> dict[str, Any]:
        body = json.dumps(request).encode()
        with self._lock:
            socket.send_fds(self._channel, [len(body).to_bytes(LENGTH_BYTES)], descriptors)
            self._channel.sendall(body)
            answer = self._channel.makefile("rb", buffering=0).readline()
        if not answer:
            raise ConnectionResetError("the process that starts functions has ended")
        found: dict[str, Any] = json.loads(answer)
        if "error" in found:
            raise OSError(found["error"])
        return found


@functools.cache
def fork_server() -> ForkServer:
    """Return this process's own, which ends with it."""
    return ForkServer()


def main() -> None:
    """Load the libraries, then fork whenever asked, until whoever asks is gone."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)  # the library's signature
    for module in LOADED:
        importlib.import_module(module)
    _read_models()
    while request := _request(channel):
        message, descriptors = request
        try:
            answer = _ended(message["end"]) if "end" in message else {"pid": _forked(channel, message, descriptors)}
        except OSError as error:
            answer = {"error": str(error)}
        for descriptor in descriptors:
            os.close(descriptor)
        channel.sendall(json.dumps(answer).encode() + b"\n")


def _read_models() -> None:
    import botocore.session  # noqa: PLC0415  # the emulator's process does not need it here

    loader = botocore.session.create_loader(None)
    botocore.session.create_loader = lambda *_: loader
    for service in SERVICES:
        for kind in ("service-2", "endpoint-rule-set-1"):
            loader.load_service_model(service, kind)
    for further in ("endpoints", "partitions", "_retry", "sdk-default-configuration"):
        loader.load_data(further)


def _request(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    header, descriptors, _, _ = socket.recv_fds(channel, LENGTH_BYTES, 2)
    if not header:
        return None
    header += _exactly(channel, LENGTH_BYTES - len(header))
    return json.loads(_exactly(channel, int.from_bytes(header))), descriptors


def _exactly(channel: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        part = channel.recv(length - len(received))
        if not part:
            raise EOFError
        received += part
    return bytes(received)


def _ended(process: int) -> dict[str, Any]:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(process, 0)
    return {}


def _forked(channel: socket.socket, message: Mapping[str, Any], descriptors: list[int]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        channel.close()
        given, answers = descriptors
        os.setsid()
        os.dup2(given, 0)
        os.close(given)
        os.chdir(message["folder"])
        os.environ.clear()
        os.environ.update(message["environment"])
        # A process that is killed loses nothing that it had printed.
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        importlib.import_module("function_runtime").serve(
            message["handler"], answers
        )  # beside this file, and loaded by then
        code = 0
    except BaseException:  # noqa: BLE001  # its parent's loop is not to be gone on with here
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
