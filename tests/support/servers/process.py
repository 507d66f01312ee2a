"""A server as a process of the tests: as an ordinary user, with a folder and a log of its own, gone with the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals
from tempfile import mkdtemp
from typing import Final

KEEPER: Final = Path(__file__).with_name("keeper.py")
HOST: Final = "localhost"
START_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.02
LOG_LINES: Final = 30
SYSTEM_FOLDERS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian puts servers, and where an ordinary user's PATH does not look."""

ROOTLESS_USER: Final = "nobody" if os.geteuid() == 0 else "-"
"""PostgreSQL refuses root, and no server of the tests needs it."""


def program(name: str, *folders: str) -> str:
    """The path of a server's program, looked for in `folders` first.

    Raises:
        RuntimeError: it is not installed. A server that is missing is a failure, never a reason to skip.
    """
    path = os.pathsep.join([*folders, os.environ["PATH"], *SYSTEM_FOLDERS])
    found = shutil.which(name, path=path)
    if found is None:
        raise RuntimeError(f"{name} is not installed: run tools/system-packages")
    return found


@contextmanager
def owned_folder(name: str) -> Iterator[Path]:
    """A folder that belongs to the user that servers run as, removed afterwards.

    pytest's own temporary folders are closed to everybody but the one who runs the tests, who may be root.
    """
    folder = Path(mkdtemp(prefix=f"understudy-{name}-"))
    give_to_server(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_to_server(*files: Path) -> None:
    """Make the user that servers run as the owner of `files`, and nobody else their reader."""
    for file in files:
        file.chmod(0o700 if file.is_dir() else 0o600)
        if ROOTLESS_USER != "-":
            shutil.chown(file, ROOTLESS_USER)


@dataclass(frozen=True, slots=True)
class Server:
    """A server to start."""

    command: Sequence[str]
    folder: Path
    log: Path
    environment: Mapping[str, str]
    stop: Signals = SIGKILL
    """How it is ended; its data is thrown away, so what needs no farewell gets none."""


@contextmanager
def running(server: Server, *, ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it is ready, and end it and everything it started.

    Raises:
        RuntimeError: it ended, or was not ready within a minute; with the end of its log.
    """
    kept = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **server.environment}
    with server.log.open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", str(KEEPER), server.stop.name, ROOTLESS_USER, *server.command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=server.folder,
            env=kept,
        )
    try:
        _wait(keeper, server, ready)
        yield keeper
    finally:
        assert keeper.stdin
        with suppress(BrokenPipeError):
            keeper.stdin.close()
        keeper.wait()


def run_once(server: Server) -> None:
    """Run a command to its end as the user that servers run as, such as one that makes a database's files.

    Raises:
        RuntimeError: it failed; with the end of its log.
    """
    with running(server, ready=lambda: True) as keeper:
        if keeper.wait(START_SECONDS):
            raise RuntimeError(_told(server, "failed"))


def _wait(keeper: subprocess.Popen[bytes], server: Server, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError):
            if ready():
                return
        if keeper.poll() is not None:
            raise RuntimeError(_told(server, "ended instead of starting"))
        if time.monotonic() > deadline:
            raise RuntimeError(_told(server, f"was not ready after {START_SECONDS:.0f} s"))
        time.sleep(LOOK_SECONDS)


def _told(server: Server, what: str) -> str:
    said = server.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    return "\n".join([f"{Path(server.command[0]).name} {what} (log: {server.log})", *said])
