"""Ends what a rehearsal has left running when its own process was killed and could not.

Every process of a rehearsal inherits a variable with the rehearsal's token. The guard holds the other end of a pipe; when
that closes, whoever still has the token is ended. After a rehearsal that tidied up itself there is nobody. All temporary
files lie in one folder, which the guard removes: passwords and private keys are among them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from rehearsal.release.tasks import PROJECT

TOKEN: Final = "UNDERSTUDY_REHEARSAL"  # noqa: S105  # a variable's name, not a secret
PATIENCE_SECONDS: Final = 2.0


class Guard:
    """Watches over this process from its beginning to its end."""

    def __init__(self) -> None:
        token = uuid.uuid4().hex
        self._outer = os.environ.get("TMPDIR")
        # It holds no token, not even of a rehearsal that this one is part of: whoever holds one is ended.
        environment = {name: value for name, value in os.environ.items() if name != TOKEN}
        folder = tempfile.mkdtemp(prefix="understudy-")
        os.environ |= {TOKEN: token, "TMPDIR": folder}
        tempfile.tempdir = folder
        self._child = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.release.guard", token, folder],
            stdin=subprocess.PIPE,
            env=environment,
            cwd=PROJECT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """It is at work already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have it look whether anything is left, and end."""
        del os.environ[TOKEN], os.environ["TMPDIR"]
        if self._outer is not None:
            os.environ["TMPDIR"] = self._outer
        tempfile.tempdir = None
        if self._child.stdin:
            self._child.stdin.close()
        self._child.wait()


def holders(token: str) -> list[int]:
    """IDs of the processes that have the token among their variables."""
    wanted = f"{TOKEN}={token}".encode()
    if not Path("/proc/self/environ").exists():
        listed = subprocess.run(["ps", "eww", "-ax", "-o", "pid=,command="], capture_output=True, check=False).stdout
        return [int(line.split()[0]) for line in listed.splitlines() if wanted in line]
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
    return found


def main() -> None:
    """Wait for the end of the input, then end whoever is left."""
    token, folder = sys.argv[1:]
    sys.stdin.buffer.read()
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE_SECONDS
        left = holders(token)
        for process in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, number)
        while left and holders(token) and time.monotonic() < deadline:
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
