"""Runs a server and ends it together with whoever asked for it: `python -I keeper.py SIGNAL USER COMMAND...`.

Its standard input is a pipe that nobody writes to. When the tests' process ends, however it ends, the pipe closes, and
the server's whole process group goes. A fixture that only stops what it started would leave servers behind as soon as
somebody kills pytest. USER is `-` for the one who runs the tests.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress

PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.2
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main(stop: signal.Signals, user: str, command: list[str]) -> int:
    """Run `command` until it ends or standard input closes; return its exit code."""
    # One who stops the tests with Ctrl-C stops this process too, which then has to stop the server.
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, lambda *_: os.close(sys.stdin.fileno()))
    # Grandchildren become this process's own when their parent ends (RabbitMQ's shell script has the broker as its
    # child): in a container whose first process does not collect the dead, they would stay as zombies.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    owner = None if user == "-" else user
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        user=owner,
        group="nogroup" if owner == "nobody" else owner,
        extra_groups=None if owner is None else [],
    )
    while server.poll() is None and not _closed():
        pass
    with suppress(ProcessLookupError):
        os.killpg(server.pid, stop)
    with suppress(subprocess.TimeoutExpired):
        server.wait(PATIENCE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    code = server.wait()
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return code


def _closed() -> bool:
    try:
        return bool(select.select([sys.stdin], [], [], LOOK_SECONDS)[0])
    except (OSError, ValueError):
        return True


if __name__ == "__main__":
    sys.exit(main(signal.Signals[sys.argv[1]], sys.argv[2], sys.argv[3:]))
