"""The emulator as seen from outside: started, found again, asked, stopped."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.processes import Process
from rehearsal.workspace import Record, Workspace

DEFAULT_PORT = 5555
START_SECONDS = 180
ANSWER_SECONDS = 10
OBEYED_SECONDS = 120
"Until it has done what it was told: it may start servers first."
RELEASE_SECONDS = 5.0
STATUS_PATH = "/understudy"
JOURNAL_PATH = "/understudy/journal/"
ACCESS_KEY_PREFIX = "AKIA0000"
SECRET_KEY = "rehearsal"  # noqa: S105  # the emulator takes any; this one shows in no real account
TOKEN_VARIABLE = "UNDERSTUDY_EMULATOR_TOKEN"  # noqa: S105  # a variable's name, not a secret
Say = Callable[[str], None]


def access_key(account: str) -> str:
    """Return the access key by which the emulator knows that a call is for this account."""
    return f"{ACCESS_KEY_PREFIX}{account}"


@dataclass(frozen=True)
class EmbeddedAws:
    """A running emulator."""

    port: int
    token: str

    @property
    def endpoint(self) -> str:
        """The URL of every AWS API. By name: moto misreads the URLs of templates at 127.0.0.1."""
        return f"http://localhost:{self.port}"

    def status(self) -> dict[str, Any] | None:
        """Return what the emulator tells of itself, None when it is not the one that answers."""
        return self._ask()

    def provide_hosted_zone(self, *, account: str, zone: str, name: str) -> None:
        """Have the zone there that the application's file names, as it is in the real account."""
        self._ask({"hosted_zone": {"account": account, "zone": zone, "name": name}})

    def tell(self, **wanted: Any) -> None:  # noqa: ANN401  # JSON
        """Have it do what AWS has no API for; see `rehearsal.emulator.server`. Raises RehearsalError."""
        if self._ask(wanted) is None:
            raise _gone()

    def checkpoint(self) -> int:
        """Have a copy of it serve, which `rewind` brings back to this moment; return the copy's process ID."""
        return self._next_process("checkpoint")

    def rewind(self) -> int:
        """Have it be as at the checkpoint; return the process ID of the new copy."""
        return self._next_process("rewind")

    def _next_process(self, order: str) -> int:
        before = (self.status() or {}).get("pid")
        self.tell(**{order: True})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            status = self.status()
            if status is not None and status["pid"] != before:
                return int(status["pid"])
            time.sleep(0.05)
        raise _gone()

    def journal(self, number: int) -> list[dict[str, Any]]:
        """Return what has happened since, and with, the entry of this number."""
        told = self._ask(path=f"{JOURNAL_PATH}{number}")
        if told is None:
            raise _gone()
        entries: list[dict[str, Any]] = told["entries"]
        return entries

    def _ask(self, wanted: dict[str, Any] | None = None, *, path: str = STATUS_PATH) -> dict[str, Any] | None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method="PUT" if wanted else "GET",
            data=json.dumps(wanted).encode() if wanted else None,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=OBEYED_SECONDS if wanted else ANSWER_SECONDS) as answer:
                status: dict[str, Any] = json.load(answer)
        except (OSError, ValueError):
            return None
        return status if isinstance(status, dict) and status.get("token") == self.token else None

    def stacks(self) -> list[dict[str, Any]]:
        """Return its stacks."""
        status = self.status()
        if status is None:
            raise _gone()
        stacks: list[dict[str, Any]] = status["stacks"]
        return stacks


def _gone() -> RehearsalError:
    return RehearsalError("the emulator no longer answers", remedy="run `make up` again: it starts a new one")


def running(workspace: Workspace) -> EmbeddedAws | None:
    """Return the emulator of this workspace when it is alive and answers."""
    record = workspace.record()
    if record is None or not record.process.alive():
        return None
    emulator = EmbeddedAws(record.port, record.token)
    return emulator if emulator.status() else None


def ensure(
    workspace: Workspace, *, port: int | None, say: Say, variables: Mapping[str, str] | None = None
) -> EmbeddedAws:
    """Return the running emulator, or start one on `port` (5555 when not said), with further environment variables.

    Raises RehearsalError.
    """
    record = workspace.record()
    emulator = running(workspace)
    if record and emulator:
        if port not in (None, record.port):
            raise RehearsalError(
                f"the embedded AWS already runs, on port {record.port}",
                remedy=f"`make down` first, or leave it there: `make up PORT={record.port}`",
            )
        return emulator
    if record and record.process.alive():
        say("the embedded AWS of the last run does not answer: stopping it, starting clean")
        stop(workspace)
    elif record:
        say("the embedded AWS of the last run is gone, and what it held with it: starting clean")
        _await_release(record.port)
    workspace.forget()
    return _start(workspace, port or DEFAULT_PORT, variables or {})


def stop(workspace: Workspace) -> bool:
    """Stop what this workspace started, and only that; tell whether there was anything."""
    record = workspace.record()
    if record is None:
        return False
    found = False
    for process in (record.deploying, record.process):
        if process and process.alive():
            found = True
            process.stop()
    if found:
        _await_release(record.port)
    workspace.forget()
    return found


def server_environment(emulator: EmbeddedAws) -> dict[str, str]:
    """Return what the emulator's process needs to know; nothing of the user's AWS settings reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    return {
        **kept,
        TOKEN_VARIABLE: emulator.token,
        # moto builds some of its own URLs from this.
        "MOTO_PORT": str(emulator.port),
        # Roles attach AWS's own policies, so these must exist.
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }


def _start(workspace: Workspace, port: int, variables: Mapping[str, str]) -> EmbeddedAws:
    if _taken(port):
        raise RehearsalError(
            f"port {port} is in use by another program",
            remedy=f"choose another, for example `make up PORT={free_port()}`, or stop that program",
        )
    emulator = EmbeddedAws(port, secrets.token_hex(8))
    with workspace.emulator_log.open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.emulator.server", str(port)],
            cwd=workspace.folder,
            env={**server_environment(emulator), **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A session of its own: it outlives this command, and Ctrl-C here does not reach it.
            start_new_session=True,
        )
    process = Process.of(child.pid)
    if process:
        workspace.write(Record(process=process, port=port, token=emulator.token))
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if emulator.status():
            return emulator
        time.sleep(0.05)
    if process:
        process.stop()
    workspace.forget()
    raise RehearsalError(
        "the embedded AWS did not start",
        remedy=f"the end of {workspace.emulator_log} tells why",
        details="\n".join(workspace.emulator_log.read_text().splitlines()[-15:]),
    )


def note_deploying(workspace: Workspace, process: Process | None) -> None:
    """Have on record which CDK CLI is at work, or that none is."""
    record = workspace.record()
    if record:
        workspace.write(replace(record, deploying=process))


def _await_release(port: int) -> None:
    """Wait for the port of a process that has ended: its threads may hold it a moment longer than it lives."""
    deadline = time.monotonic() + RELEASE_SECONDS
    while _taken(port) and time.monotonic() < deadline:
        time.sleep(0.05)


def _taken(port: int) -> bool:
    with socket.socket() as attempt:
        # As the server will: a port in TIME_WAIT is free.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
