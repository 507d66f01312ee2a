"""A PostgreSQL that takes connections by TLS alone, as RDS does with `rds.force_ssl`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from signal import SIGQUIT
from typing import Any, Final

import pg8000.native  # type: ignore[import-untyped]
from pg8000.exceptions import DatabaseError, InterfaceError  # type: ignore[import-untyped]
from servers.certificate_authority import CertificateAuthority
from servers.process import HOST, Server, give_to_server, owned_folder, program, run_once, running

from rehearsal.ports import free_port

USER: Final = "understudy"
DATABASE: Final = "postgres"
NEWEST_FIRST: Final = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), key=len, reverse=True)

# What makes it quick: nothing is kept for the next start. What makes it small: tests come one after the other.
SETTINGS: Final = """
fsync = off
synchronous_commit = off
full_page_writes = off
listen_addresses = 'localhost'
unix_socket_directories = ''
port = {port}
max_connections = 50
shared_buffers = 32MB
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
ssl_min_protocol_version = 'TLSv1.2'
password_encryption = 'scram-sha-256'
{more}
"""
ACCESS: Final = "hostssl all,replication all localhost scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A running server."""

    port: int
    password: str = field(repr=False)
    trusts: Path
    """The authority's certificate, by which clients verify the server."""
    data: Path
    """The data folder, for a replica's base backup or a changed setting."""
    host: str = HOST
    user: str = USER
    database: str = DATABASE

    @property
    def dsn(self) -> str:
        """A URL with user and password, as a service's secret holds it."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"

    def execute(self, statement: str, database: str = DATABASE, **values: Any) -> list[list[Any]]:
        """Run a statement in a connection of its own, and return its rows.

        Raises:
            DatabaseError: PostgreSQL refused it.
        """
        context = ssl.create_default_context(cafile=str(self.trusts))
        with closing(
            pg8000.native.Connection(
                self.user,
                host=self.host,
                port=self.port,
                database=database,
                password=self.password,
                ssl_context=context,
                timeout=10,
            )
        ) as connection:
            rows: list[list[Any]] = connection.run(statement, **values) or []
            return rows

    def answers(self) -> bool:
        """Whether a statement gets its answer."""
        try:
            return [[1]] == self.execute("select 1")
        except (DatabaseError, InterfaceError):
            return False

    @contextmanager
    def new_database(self) -> Iterator[PostgresqlServer]:
        """The same server with an empty database, dropped afterwards with whoever is connected to it."""
        name = f"test_{token_hex(4)}"
        self.execute(f"create database {name}")
        try:
            yield PostgresqlServer(self.port, self.password, self.trusts, self.data, database=name)
        finally:
            self.execute(f"drop database {name} with (force)")


@contextmanager
def postgresql(
    authority: CertificateAuthority, logs: Path, *, settings: str = "", access: str = ""
) -> Iterator[PostgresqlServer]:
    """A PostgreSQL on a free port; `settings` are lines of postgresql.conf, `access` lines of pg_hba.conf."""
    with owned_folder("postgresql") as folder:
        server = PostgresqlServer(free_port(), token_hex(16), authority.certificate, folder / "data")
        password = folder / "password"
        password.write_text(server.password, encoding="utf-8")
        give_to_server(password)
        run_once(_initdb(server.data, password, logs / "initdb.log"))
        issued = authority.issue()
        files = {
            "postgresql.conf": SETTINGS.format(port=server.port, more=settings),
            "pg_hba.conf": access + ACCESS,
            "server.pem": issued.certificate.read_text(encoding="utf-8"),
            "server.key": issued.key.read_text(encoding="utf-8"),
        }
        for name, content in files.items():
            (server.data / name).write_text(content, encoding="utf-8")
            give_to_server(server.data / name)
        process = Server(
            (program("postgres", *NEWEST_FIRST), "-D", str(server.data)),
            folder,
            logs / "postgresql.log",
            {},
            stop=SIGQUIT,  # at once, and still removing its shared memory, which SIGKILL would leave
        )
        with running(process, ready=server.answers):
            yield server


def _initdb(data: Path, password: Path, log: Path) -> Server:
    command = (
        program("initdb", *NEWEST_FIRST),
        *("-D", str(data), "--username", USER, "--pwfile", str(password)),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
    )
    return Server(command, data.parent, log, {"HOME": str(data.parent)})
