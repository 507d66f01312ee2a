"""A program of the system's packages as a child of ours: found, started, stopped, its output kept."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rehearsal.failure import RehearsalError
from rehearsal.processes import Process

UNPRIVILEGED: Final = ("postgres", "nobody")
"""Whom a server runs as that refuses to run as root; the first of them that the system knows."""

FOLDERS: Final = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where servers are that an ordinary user's PATH does not name."""


def find(name: str, *further: str) -> str:
    """Path of a program, looked for in PATH, the folders of servers and then `further`. Raises RehearsalError."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *FOLDERS, *further])
    found = shutil.which(name, path=places)
    if found is None:
        raise RehearsalError(f"{name} is not installed", remedy="run `tools/system-packages`")
    return found


def unprivileged_user() -> str | None:
    """Whom to become for a server that refuses root; None when this process is not root anyway."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def hand_over(folder: Path, user: str | None) -> None:
    """Give `folder`, and its way from /tmp down, to `user` as far as a server needs it."""
    if user is not None:
        shutil.chown(folder, user)
        for parent in folder.parents:
            if parent.stat().st_uid == os.geteuid() and parent.stat().st_mode & 0o055 != 0o055 and parent != Path("/"):
                # Only to pass through, not to look around: folders of `tempfile` are their owner's alone.
                parent.chmod(parent.stat().st_mode | 0o011)


class Program:
    """A running child in a session of its own, so that Ctrl-C reaches it only through whoever started it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        user: str | None = None,
        variables: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=None if variables is None else {**os.environ, **variables},
                cwd=folder,
                user=user,
                start_new_session=True,
            )
        self.process = Process.of(self._child.pid)

    @property
    def pid(self) -> int:
        """Its ID."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._child.poll()

    def signal(self, number: int) -> None:
        """Send a signal; nothing happens when it is gone."""
        self._child.send_signal(number)

    def stop(self, *, patience_seconds: float = 5.0) -> None:
        """End it, politely first. Nothing happens when it is gone."""
        self._child.terminate()
        try:
            self._child.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def said(self, lines: int = 15) -> str:
        """The end of what it wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
