"""The inside of a Lambda function's process.

It stands alone (nothing of the rehearsal is imported), loads the handler, then reads one JSON line per event from
its input and writes one per answer to the file descriptor. What the handler prints is its log.
"""

import importlib
import json
import os
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

CLOCK_VARIABLE = "UNDERSTUDY_CLOCK"
NETWORK_VARIABLE = "UNDERSTUDY_NETWORK"


def now() -> float:
    """Return the rehearsal's time, seconds since 1970."""
    described = os.environ.get(CLOCK_VARIABLE)
    if not described:
        return time.time()
    real, virtual, speed = (float(part) for part in described.split(","))
    return virtual + (time.time() - real) * speed


def redirect(network: dict[str, Any]) -> None:
    """Have connections to hosts of AWS's go to the rehearsal's own servers, by host or else by port; this machine's names
    stay.
    """
    real = socket.getaddrinfo
    hosts, ports = network.get("hosts") or {}, network.get("ports") or {}

    def resolved(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # the library's signature
        mapped = hosts.get(host) or ports.get(str(port))
        if isinstance(host, str) and host.endswith(".localhost"):
            # botocore puts the account's number before an endpoint's name; not every resolver knows RFC 6761.
            return real("127.0.0.1", port, *arguments, **named)
        if mapped is None or host in ("localhost", "127.0.0.1", "::1"):
            return real(host, port, *arguments, **named)
        return real("127.0.0.1", mapped, *arguments, **named)

    socket.getaddrinfo = resolved


class Context:
    """What Lambda gives a handler beside the event."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.aws_request_id = given["aws_request_id"]
        self.invoked_function_arn = given["invoked_function_arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = given["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the time-out, virtual."""
        return max(0, int((self._deadline - now()) * 1000))


def kill_at(point: dict[str, Any] | None) -> None:
    """Arrange for this process to die at an API call: the `call`-th, before it is sent or `after` it was answered."""
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415  # not every function speaks to AWS

    real = getattr(URLLib3Session, "real_send", None) or URLLib3Session.send
    URLLib3Session.real_send = real  # type: ignore[attr-defined]
    made = 0

    def send(self: Any, request: Any) -> Any:  # noqa: ANN401  # botocore's
        nonlocal made
        made += 1
        here = point is not None and made == point["call"]
        if here and point and not point.get("after"):
            os._exit(137)
        answer = real(self, request)
        if here:
            os._exit(137)
        return answer

    URLLib3Session.send = send  # type: ignore[method-assign]


def error_of(error: BaseException) -> dict[str, Any]:
    """Return an error as Lambda shows it to who invoked."""
    return {"errorType": type(error).__name__, "errorMessage": str(error)}


def serve(handler_string: str, descriptor: int) -> None:
    """Load the handler from the current folder, then serve until the input ends; answers go to `descriptor`."""
    sys.path[0] = str(Path.cwd())
    # Nobody but this process may hold the pipe: a child of the handler's would keep it open.
    os.set_inheritable(descriptor, False)  # noqa: FBT003  # the library's signature
    answers = os.fdopen(descriptor, "w", buffering=1)

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer, default=str) + "\n")

    network = os.environ.pop(NETWORK_VARIABLE, None)
    redirect(json.loads(network) if network else {})
    module, _, name = handler_string.rpartition(".")
    try:
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except BaseException as error:
        say({"error": error_of(error)})
        raise
    say({"ready": True})
    armed = False
    for line in sys.stdin:
        given = json.loads(line)
        point = given["context"].get("kill_at")
        if point or armed:
            kill_at(point)
            armed = True
        try:
            result = handler(given["event"], Context(given["context"]))
            answer = {"result": json.loads(json.dumps(result))}
        except Exception as error:  # noqa: BLE001  # whatever a handler raises is its answer
            traceback.print_exc()
            answer = {"error": error_of(error)}
        sys.stdout.flush()
        say(answer)
