"""A Redis server of one's own: empty, on loopback, by TLS alone when it has a certificate."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from typing import Final

from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.program import Program, find

START_SECONDS: Final = 10.0


class Redis:
    """A server with a password."""

    def __init__(self, folder: Path, *, password: str, certificate: Certificate | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.password = password
        settings = {"bind": "127.0.0.1", "save": '""', "appendonly": "no", "requirepass": password, "dir": str(folder)}
        if certificate is None:
            settings["port"] = str(self.port)
        else:
            settings |= {
                "port": "0",
                "tls-port": str(self.port),
                "tls-cert-file": str(certificate.chain),
                "tls-key-file": str(certificate.key),
                "tls-auth-clients": "no",
            }
        # Redis writes its title over its environment, by which the guard finds what a killed rehearsal left behind.
        settings["set-proc-title"] = "no"
        # In a file: everybody can read a command line.
        file = folder / "redis.conf"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.program = Program([find("redis-server"), str(file)], log=folder / "redis.log")
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            if self.program.exit_code is not None or time.monotonic() > deadline:
                said = self.program.said()
                self.program.stop()
                raise RehearsalError("Redis did not start", remedy="see below", details=said)
            time.sleep(0.02)

    def certify(self, certificate: Certificate) -> None:
        """Show another certificate from now on; connections that stand go on."""
        commands = [f"CONFIG SET tls-cert-file {certificate.chain} tls-key-file {certificate.key}"]
        context = ssl.create_default_context()
        # Its own process on loopback, and the question is only which certificate it shows.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain, context.wrap_socket(plain) as channel:
            for command in (f"AUTH {self.password}", *commands):
                channel.sendall(f"{command}\r\n".encode())
                answer = channel.recv(1024)
                if not answer.startswith(b"+OK"):
                    raise RehearsalError("Redis refuses a command", remedy="see below", details=answer.decode())

    def stop(self) -> None:
        """Stop at once."""
        self.program.stop(patience_seconds=1.0)

    def _listens(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0
