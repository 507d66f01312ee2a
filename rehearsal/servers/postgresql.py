"""A PostgreSQL server of one's own: empty, on loopback, gone without a trace."""

from __future__ import annotations

import secrets
import shutil
import signal
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.program import Program, find, hand_over, unprivileged_user

START_SECONDS: Final = 30.0
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # nothing here has to survive a crash of the machine
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def _programs() -> tuple[str, ...]:
    """Debian keeps each major version's programs in a folder of its own; the newest first."""
    return tuple(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


@dataclass(frozen=True, slots=True)
class Login:
    """How to reach a database."""

    host: str
    port: int
    user: str
    password: str
    database: str

    def connect(self, context: ssl.SSLContext | None = None) -> pg8000.native.Connection:
        """A connection; with `context` by TLS."""
        return pg8000.native.Connection(
            self.user,
            host=self.host,
            port=self.port,
            password=self.password,
            database=self.database,
            ssl_context=context,
        )


class PostgreSQL:
    """A server with one database, whose owner `admin` is a superuser; with a certificate it takes TLS as well.

    It refuses to run as root, so started by root it runs as an unprivileged user.
    """

    def __init__(self, folder: Path, *, certificate: Certificate | None = None, database: str = "app") -> None:
        self._user = user = unprivileged_user()
        self._data = folder / "data"
        password = secrets.token_hex(16)
        folder.mkdir(parents=True, exist_ok=True)
        hand_over(folder, user)
        password_file = folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        if user is not None:
            shutil.chown(password_file, user)
        options = ["--username=admin", "--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        made = subprocess.run(
            [find("initdb", *_programs()), "-D", str(self._data), "--no-sync", "--no-locale", *options],
            capture_output=True,
            text=True,
            user=user,
            cwd="/",
            check=False,
        )
        password_file.unlink()
        if made.returncode != 0:
            raise RehearsalError("PostgreSQL could not be set up", remedy="see below", details=made.stderr)
        self.login = Login("127.0.0.1", free_port(), "admin", password, "postgres")
        settings = {**SETTINGS, "port": str(self.login.port), "unix_socket_directories": ""}
        if certificate is not None:
            settings |= self._tls(certificate)
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.program = Program(
            [find("postgres", *_programs()), "-D", str(self._data), *arguments],
            log=folder / "postgresql.log",
            user=user,
            folder=Path("/"),
        )
        self._wait()
        self.login = Login("127.0.0.1", self.login.port, "admin", password, self._create(database))

    def certify(self, certificate: Certificate) -> None:
        """Show another certificate from now on; connections that stand go on. It must have been started with one."""
        self._tls(certificate)
        self.program.signal(signal.SIGHUP)

    def stop(self) -> None:
        """Stop at once; open connections are cut."""
        if self.program.exit_code is None:
            self.program.signal(signal.SIGQUIT)
        self.program.stop()

    def _tls(self, certificate: Certificate) -> dict[str, str]:
        for name, source in (("server.crt", certificate.chain), ("server.key", certificate.key)):
            target = self._data / name
            target.touch(mode=0o600)
            target.write_bytes(source.read_bytes())
            if self._user is not None:
                shutil.chown(target, self._user)
        return {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.login.connect().close()
            except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
                if self.program.exit_code is not None or time.monotonic() > deadline:
                    said = self.program.said()
                    self.program.stop()
                    raise RehearsalError("PostgreSQL did not start", remedy="see below", details=said) from None
                time.sleep(0.05)
            else:
                return

    def _create(self, database: str) -> str:
        connection = self.login.connect()
        try:
            connection.run(f"CREATE DATABASE {pg8000.native.identifier(database)}")
        finally:
            connection.close()
        return database
