"""The databases of both regions: real servers that see the rehearsal's clock, the one following the other by TLS alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.clock import Clock
from rehearsal.failover.relays import Relays
from rehearsal.failure import RehearsalError
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import PostgreSQL, Replica, Server

LOOPBACK: Final = ("localhost", "127.0.0.1")
TABLE: Final = """
CREATE TABLE writes (
    writer text NOT NULL,
    number bigint NOT NULL,
    server int NOT NULL DEFAULT inet_server_port(),
    PRIMARY KEY (writer, number, server)
)
"""
"""One row for each write: whose it is, and the port of the server that took it, which a replica keeps."""
SETTINGS: Final = {
    # What is acknowledged outlives the process, as at RDS.
    "synchronous_commit": "on",
    "track_commit_timestamp": "on",
    # A replica that has lost its source looks for it again as soon as it may be back; virtual, as all that a server waits for.
    "wal_retrieve_retry_interval": "2s",
    "wal_receiver_timeout": "30s",
    "wal_sender_timeout": "30s",
    "max_connections": "100",
}
LOOK_SECONDS: Final = 0.2
"""Real."""
PROMOTION_SECONDS: Final = 60.0
"""Virtual: what RDS takes besides the server's own promotion, a reboot among it (RDS User Guide, promoting a read replica: "a
few minutes"; spec/tables has the figure that the objectives count with)."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A write that a server holds: who wrote it, and when which server took it (virtual epoch)."""

    writer: str
    number: int
    server: int
    at: float


@dataclass(slots=True)
class _Database:
    server: Server
    region: str
    host: str
    promoting: bool = False


class Databases:
    """By the hosts that RDS gave them. Thread-safe."""

    def __init__(self, folder: Path, authority: Authority, relays: Relays, clock: Clock) -> None:
        self._folder, self._authority, self._relays, self._clock = folder, authority, relays, clock
        self._known: dict[str, _Database] = {}
        self._lock = threading.RLock()
        self._may_promote = threading.Event()
        self._may_promote.set()
        self._over = False

    def start(self, host: str, region: str, source: str | None, login: tuple[str, str, str]) -> None:
        """Have one, with the administrator's name and password and a database; as a replica it has what its source has."""
        with self._lock:
            if host in self._known:
                return
            folder = self._folder / f"{region}-{host.partition('.')[0]}"
            certificate = self._authority.certificate(folder.name, [host, *LOOPBACK])
            if source:
                origin = self._known[source]
                through = self._relays.port(region, origin.region, origin.server.login.port)
                server: Server = Replica(folder, origin.server, through=through, authority=self._authority.file)
                server.certify(certificate)
            else:
                user, password, name = login
                primary = PostgreSQL(
                    folder,
                    certificate=certificate,
                    database=name,
                    tls_alone=True,
                    replicated=True,
                    settings=SETTINGS,
                    clock=self._clock,
                )
                primary.create_administrator(user, password)
                with closing(primary.login.connect()) as connection:
                    connection.run(TABLE)
                    connection.run("GRANT ALL ON writes TO PUBLIC")
                server = primary
            self._known[host] = _Database(server, region, host)

    def hosts(self, caller: str) -> dict[str, int]:
        """Where somebody in a region finds each."""
        with self._lock:
            return {
                host: self._relays.port(caller, one.region, one.server.login.port) for host, one in self._known.items()
            }

    def host_in(self, region: str) -> str:
        """The newest one of a region."""
        with self._lock:
            return [host for host, one in self._known.items() if one.region == region][-1]

    def promote(self, host: str) -> None:
        """Begin; `role` tells when it is done."""
        with self._lock:
            one = self._known[host]
            if one.promoting:
                return
            one.promoting = True
        threading.Thread(target=self._promote, args=(one,), name=f"promotion of {host}", daemon=True).start()

    def _promote(self, one: _Database) -> None:
        self._clock.sleep(PROMOTION_SECONDS)
        self._may_promote.wait()
        while not self._over:
            try:
                one.server.login.execute("SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote() END")
            except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
                # Its region is dark; RDS goes on once there is light.
                time.sleep(LOOK_SECONDS)
            else:
                return

    def hang(self, promotions: bool) -> None:  # noqa: FBT001  # a switch
        """Whether promotions come to no end."""
        (self._may_promote.clear if promotions else self._may_promote.set)()

    def starve(self, region: str) -> None:
        """Have the replica in a region get nothing from its source any more."""
        with self._lock:
            for one in self._known.values():
                if one.region != region:
                    self._relays.close(region, one.region, one.server.login.port)

    def pause_replay(self, region: str) -> None:
        """Have the replica in a region replay nothing any more of what it gets."""
        server = self._known[self.host_in(region)].server
        if isinstance(server, Replica):
            server.pause_replay()

    def role(self, host: str) -> str:
        """`primary` or `replica`."""
        ((in_recovery,),) = self._known[host].server.login.execute("SELECT pg_is_in_recovery()")
        return "replica" if in_recovery else "primary"

    def drop(self, host: str) -> None:
        """Have it gone; nothing happens when it is."""
        with self._lock:
            one = self._known.pop(host, None)
        if one:
            one.server.stop()

    def power(self, region: str, on: bool) -> None:  # noqa: FBT001  # a switch
        """Stop those of a region at once, or have them again with all that they had written down."""
        with self._lock:
            for one in self._known.values():
                running = one.server.program.exit_code is None
                if one.region == region and on != running:
                    (one.server.start if on else one.server.stop)()

    def writes(self, region: str) -> list[Committed]:
        """All that the newest one of a region holds, started again for that if it does not run."""
        one = self._known[self.host_in(region)]
        if one.server.program.exit_code is not None:
            one.server.start()
        rows = one.server.login.execute(
            "SELECT writer, number, server, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM writes"
        )
        return [Committed(str(writer), int(number), int(server), float(at)) for writer, number, server, at in rows]

    def server_port(self, region: str) -> int:
        """By which its writes are known."""
        return self._known[self.host_in(region)].server.login.port

    def wait_until_replayed(self, region: str, wanted: Callable[[Any], bool], statement: str) -> None:
        """Until `statement`, asked of a region's database, answers what is wanted. Raises RehearsalError."""
        deadline = time.monotonic() + 60
        one = self._known[self.host_in(region)]
        while time.monotonic() < deadline:
            try:
                if wanted(one.server.login.execute(statement)):
                    return
            except pg8000.native.DatabaseError:
                pass  # a table that is not there yet
            time.sleep(0.1)
        raise RehearsalError(f"the database in {region} does not get what it waits for", remedy=statement)

    def processes(self) -> list[int]:
        """IDs of the servers that run."""
        with self._lock:
            return [one.server.program.pid for one in self._known.values() if one.server.program.exit_code is None]

    def stop(self) -> None:
        """End all; a promotion that is under way comes to nothing."""
        self._over = True
        self._may_promote.set()
        with self._lock:
            for one in self._known.values():
                one.server.stop()
            self._known.clear()
