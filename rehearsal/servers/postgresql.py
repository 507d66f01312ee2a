"""A PostgreSQL server of one's own: empty, on loopback, gone without a trace."""

from __future__ import annotations

import secrets
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.clock import Clock
from rehearsal.failure import RehearsalError
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.faked_time import FakedTime
from rehearsal.servers.postgresql_programs import program
from rehearsal.servers.program import Program, hand_over, unprivileged_user

START_SECONDS: Final = 30.0
HOST: Final = "127.0.0.1"
SETTINGS: Final = {
    "listen_addresses": HOST,
    "fsync": "off",  # nothing here has to survive a crash of the machine
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
REPLICATED: Final = {"wal_level": "replica", "max_wal_senders": "6", "wal_keep_size": "64MB"}
TLS_ALONE: Final = f"hostssl all,replication all {HOST}/32 scram-sha-256\n"
"""pg_hba.conf of a server that refuses who comes without TLS, as RDS with `rds.force_ssl`."""
ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True, slots=True)
class Login:
    """How to reach a database."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    def connect(self, context: ssl.SSLContext | None = None) -> pg8000.native.Connection:
        """A connection; with `context` by TLS. Without, TLS is used where it is offered, and nothing verified."""
        return pg8000.native.Connection(
            self.user,
            host=self.host,
            port=self.port,
            password=self.password,
            database=self.database,
            ssl_context=context,
            timeout=30,
        )

    def execute(self, statement: str, **values: Any) -> list[list[Any]]:  # noqa: ANN401 - whatever a column may hold
        """Run one statement in a connection of its own; return its rows. Raises pg8000's errors."""
        with closing(self.connect()) as connection:
            return connection.run(statement, **values) or []


class Server:
    """The process of a PostgreSQL whose data folder is made. It refuses root, so root runs it as an unprivileged user."""

    def __init__(
        self, folder: Path, login: Login, *, major: int | None, settings: Mapping[str, str], clock: Clock | None = None
    ) -> None:
        """`clock`: the time that it sees; real time without one."""
        self._folder, self._major, self._clock = folder, major, clock
        self._time = FakedTime(folder / "time", clock) if clock and clock.speed != 1 else None
        self._user = unprivileged_user()
        self._data = folder / "data"
        self.login = login
        """Its superuser `admin`, who owns the database."""
        self._settings = {**SETTINGS, "unix_socket_directories": "", **settings, "port": str(login.port)}

    def start(self) -> None:
        """Start, again after `stop` with all that it kept, and wait until it answers. Raises RehearsalError."""
        arguments = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self.program = Program(
            [program("postgres", self._major), "-D", str(self._data), *arguments],
            log=self._folder / "postgresql.log",
            user=self._user,
            # A replica's client library looks for certificates at home, and may not look into root's.
            variables={"HOME": str(self._folder), **(self._time.variables() if self._time else {})},
            folder=Path("/"),
        )
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
                break
        if self._time:
            ((epoch,),) = self.login.execute("SELECT extract(epoch FROM clock_timestamp())")
            self._time.correct(float(epoch))

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
            self._write(self._data / name, source.read_bytes())
        return {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}

    def _write(self, target: Path, content: bytes) -> None:
        target.touch(mode=0o600)
        target.write_bytes(content)
        if self._user is not None:
            shutil.chown(target, self._user)


class PostgreSQL(Server):
    """A server with one database, whose owner `admin` is a superuser; with a certificate it takes TLS as well.

    `tls_alone`: it takes nothing else. `replicated`: it can have replicas. `major`: another version than the system's newest.
    `settings`: further lines of postgresql.conf.
    """

    def __init__(
        self,
        folder: Path,
        *,
        certificate: Certificate | None = None,
        database: str = "app",
        tls_alone: bool = False,
        replicated: bool = False,
        major: int | None = None,
        settings: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        more = {**(REPLICATED if replicated else {}), **(settings or {})}
        login = Login(HOST, free_port(), "admin", secrets.token_hex(16), "postgres")
        super().__init__(folder, login, major=major, settings=more, clock=clock)
        self._initialize()
        if certificate is not None:
            self._settings |= self._tls(certificate)
        if tls_alone:
            self._write(self._data / "pg_hba.conf", TLS_ALONE.encode())
        self.start()
        self.login.execute(f"CREATE DATABASE {pg8000.native.identifier(database)}")
        self.login = replace(self.login, database=database)

    def create_administrator(self, name: str = ADMINISTRATOR, password: str | None = None) -> Login:
        """A user with the rights of RDS's first one, who is no superuser; the databases are theirs now. As often as wanted.

        https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
        """
        user, password = pg8000.native.identifier(name), password or secrets.token_hex(16)
        database = pg8000.native.identifier(self.login.database)
        with closing(self.login.connect()) as connection:
            if not connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=name):
                connection.run(f"CREATE ROLE {user} LOGIN CREATEROLE CREATEDB")
            connection.run(f"ALTER ROLE {user} PASSWORD {pg8000.native.literal(password)}")
            connection.run(f"GRANT pg_monitor, pg_signal_backend TO {user}")
            connection.run(f"ALTER DATABASE {database} OWNER TO {user}")
            connection.run(f"ALTER DATABASE postgres OWNER TO {user}")
        return replace(self.login, user=name, password=password)

    def _initialize(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        hand_over(self._folder, self._user)
        password_file = self._folder / "password"
        self._write(password_file, self.login.password.encode())
        options = ["--username=admin", "--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        made = subprocess.run(
            [program("initdb", self._major), "-D", str(self._data), "--no-sync", "--no-locale", *options],
            capture_output=True,
            text=True,
            user=self._user,
            cwd="/",
            check=False,
        )
        password_file.unlink()
        if made.returncode != 0:
            raise RehearsalError("PostgreSQL could not be set up", remedy="see below", details=made.stderr)


class Replica(Server):
    """A streaming replica of `primary`, which was started as `replicated`. It follows as long as both run.

    Its data is copied between pg_backup_start and pg_backup_stop (manual, 26.3.3), as packages without pg_basebackup exist.
    `through`: the port at which it finds the primary, when there is something between them. `authority`: whom it believes
    that the primary is the primary; without one TLS is used where it is offered, and nothing verified.
    """

    def __init__(
        self, folder: Path, primary: Server, *, through: int | None = None, authority: Path | None = None
    ) -> None:
        login = replace(primary.login, port=free_port())
        # Of one kind.
        major, settings, clock = primary._major, primary._settings, primary._clock  # noqa: SLF001
        super().__init__(folder, login, major=major, settings=settings, clock=clock)
        origin = primary.login
        folder.mkdir(parents=True, exist_ok=True)
        hand_over(folder, self._user)
        with closing(origin.connect()) as connection:
            connection.run("SELECT pg_backup_start('replica', true)")
            self._copy(primary._data)  # noqa: SLF001
            ((label, _),) = connection.run("SELECT labelfile, spcmapfile FROM pg_backup_stop(false)")
        self._write(self._data / "backup_label", label.encode())
        self._write(self._data / "standby.signal", b"")
        # In a file, as every user of the machine may read a process's arguments.
        told = f"host={origin.host} port={through or origin.port} user={origin.user} password={origin.password}"
        if authority is None:
            told += " sslmode=prefer"
        else:
            self._write(self._data / "authority.pem", authority.read_bytes())
            told += f" sslmode=verify-full sslrootcert={self._data / 'authority.pem'}"
        self._write(self._data / "postgresql.auto.conf", f"primary_conninfo = '{told}'\n".encode())
        self.start()

    def pause_replay(self) -> None:
        """Fall behind, until `resume_replay`."""
        self.login.execute("SELECT pg_wal_replay_pause()")
        while self.login.execute("SELECT pg_get_wal_replay_pause_state()") != [["paused"]]:
            time.sleep(0.02)

    def resume_replay(self) -> None:
        """Catch up."""
        self.login.execute("SELECT pg_wal_replay_resume()")

    def promote(self) -> None:
        """Become a primary."""
        self.login.execute("SELECT pg_promote()")

    def _copy(self, source: Path) -> None:
        for path in [source, *sorted(source.rglob("*"))]:
            inside = path.relative_to(source)
            if path.name in {"postmaster.pid", "postmaster.opts"} or (
                inside.parts[:1] == ("pg_wal",) and path.is_file()
            ):
                continue
            try:
                if path.is_dir():
                    (self._data / inside).mkdir(mode=0o700)
                    if self._user is not None:
                        shutil.chown(self._data / inside, self._user)
                else:
                    self._write(self._data / inside, path.read_bytes())
            except FileNotFoundError:
                continue  # temporary files and those of dropped relations come and go
