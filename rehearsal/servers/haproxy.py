"""HAProxy as a process, and its runtime API."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from rehearsal.failure import RehearsalError
from rehearsal.servers.program import Program, find

START_SECONDS: Final = 10.0


class HAProxy:
    """A load balancer that is told about servers and weights while it works.

    Its configuration has to hold `stats socket {socket} level admin expose-fd listeners` and `stats timeout` of more
    than any pause between two commands.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.socket = folder / "haproxy.sock"
        self._file = folder / "haproxy.cfg"
        self._lock = threading.Lock()
        self.program: Program | None = None
        self.starts = 0

    def start(self, configuration: str) -> None:
        """Start with a configuration, or go over to it: the listening sockets are handed on, and requests under way
        are finished by the one that has them. Raises RehearsalError.
        """
        self._file.write_text(configuration)
        command = [find("haproxy"), "-db", "-f", str(self._file)]
        checked = subprocess.run([*command, "-c"], capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            raise RehearsalError("HAProxy refuses its configuration", remedy="see below", details=checked.stderr)
        with self._lock:
            before = self.program
            if before is not None and before.exit_code is None:
                # Its socket's file goes over to the new one together with the name.
                command += ["-x", str(self.socket), "-sf", str(before.pid)]
            self.program = Program(command, log=self._folder / "haproxy.log")
            self.starts += 1
            self._wait(self.program)

    def stop(self) -> None:
        """Stop at once."""
        if self.program is not None:
            self.program.stop(patience_seconds=1.0)

    def command(self, line: str, payload: str | None = None) -> str:
        """Give one command of the management guide's chapter 9.3; return its answer."""
        text = f"{line}\n" if payload is None else f"{line} <<\n{payload}\n\n"
        with self._lock:
            return self._ask(text)

    def _ask(self, text: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(5.0)
            channel.connect(str(self.socket))
            channel.sendall(text.encode())
            parts = []
            while part := channel.recv(65536):
                parts.append(part)
        return b"".join(parts).decode().strip()

    def _wait(self, program: Program) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if f"Pid: {program.pid}\n" in self._ask("show info\n") + "\n":
                    return
            except OSError:
                pass
            if program.exit_code is not None or time.monotonic() > deadline:
                said = program.said()
                program.stop()
                raise RehearsalError("HAProxy did not start", remedy="see below", details=said)
            time.sleep(0.02)
