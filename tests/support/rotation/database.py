"""A database with an administrator who is no superuser, a replica, and the engine that rotates its logins."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any, Final, Literal

import pg8000.native  # type: ignore[import-untyped]
from pg8000.exceptions import DatabaseError  # type: ignore[import-untyped]

from rehearsal.servers.postgresql import Login as ServerLogin
from rehearsal.servers.postgresql import PostgreSQL as Primary
from rehearsal.servers.postgresql import Replica
from secret_rotation.postgresql import PostgreSQL
from secret_rotation.settings import Secret, Settings
from shared import trust
from shared.login import Login, new_password
from shared.postgresql_names import Names, literal, quoted

HOST: Final = "localhost"
PATIENCE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Servers:
    """A primary and its replica."""

    primary: Primary
    replica: Replica

    @property
    def name(self) -> str:
        """With the major version, such as `PostgreSQL 15`."""
        with closing(self.primary.login.connect()) as connection:
            return f"PostgreSQL {int(connection.run('SHOW server_version_num')[0][0]) // 10_000}"


@dataclass
class Database:
    """A database of a test's own, with users of its own. `administrators`: what its administrator's secret holds."""

    servers: Servers
    name: str
    first: str
    administrators: list[Login]
    settings: Settings
    alias: str = ""
    asked: list[Login] = field(default_factory=list)
    """Which logins of the administrator were looked at."""

    @classmethod
    def create(cls, servers: Servers, first: str | None = None) -> Database:
        """Make one. `first`: name of the first of the two users."""
        token = token_hex(4)
        name, administrator, password = f"application_{token}", f"administrator_{token}", new_password()
        superuser = servers.primary.login
        with closing(superuser.connect()) as connection:
            connection.run(f"CREATE ROLE {administrator} LOGIN CREATEROLE CREATEDB PASSWORD '{password}'")
            connection.run(f"CREATE DATABASE {name} OWNER {administrator}")
        settings = Settings(
            engine="postgresql",
            prefix="generator-platform-prod",
            cluster="generator-platform-prod",
            refresh_arn="arn:aws:states:eu-west-1:123456789012:stateMachine:refresh",
            secrets=[],
            host=HOST,
            port=superuser.port,
            database=name,
            readers=[f"{HOST}:{servers.replica.login.port}"],
        )
        return cls(servers, name, first or f"app_{token}", [Login(administrator, password)], settings)

    @property
    def names(self) -> Names:
        """Of the application's roles."""
        return Names.of(self.first)

    @property
    def administrator(self) -> Login:
        """By whom it was made."""
        return self.administrators[0]

    def engine(
        self, kind: Literal["application", "administrator"] = "application", users: str = "alternating", **settings: Any
    ) -> PostgreSQL:
        """What rotates the logins of one secret."""
        from msgspec import structs

        told = structs.replace(self.settings, users=users, **settings)
        secret = Secret(f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{kind}", kind, kind)
        return PostgreSQL(told, secret, self._administrators, alias=self.alias)

    def established(self) -> Login:
        """The application's first login, made valid."""
        login = Login(self.first, new_password())
        self.engine().establish(login)
        return login

    def rotated(self, current: Login) -> Login:
        """What comes after `current`, made valid and tested."""
        engine = self.engine()
        pending = engine.following(current)
        engine.use(current, pending)
        engine.test(pending)
        return pending

    @contextmanager
    def connected(self, login: Login, *, replica: bool = False) -> Iterator[pg8000.native.Connection]:
        """A consumer's connection. Raises DatabaseError if it is refused."""
        server = self.servers.replica if replica else self.servers.primary
        context = ssl.create_default_context(cafile=str(trust.bundle()))
        place = ServerLogin(HOST, server.login.port, login.username, login.password, self.name)
        with closing(place.connect(context)) as connection:
            yield connection

    def run(self, login: Login, statement: str) -> list[list[Any]]:
        """What a consumer does with a connection of its own."""
        with self.connected(login) as connection:
            return connection.run(statement) or []

    def valid(self, login: Login) -> bool:
        """Whether the primary takes it."""
        try:
            return [[1]] == self.run(login, "SELECT 1")
        except DatabaseError as failure:
            if failure.args[0]["C"] not in {"28P01", "28000"}:
                raise
            return False

    def by_hand(self, *statements: str) -> list[list[Any]]:
        """What somebody with every right does; the rows of the last."""
        with closing(replace(self.servers.primary.login, database=self.name).connect()) as connection:
            for statement in statements:
                rows = connection.run(statement) or []
        return rows

    def old_user(self, *statements: str, name: str | None = None) -> Login:
        """A user as the application had it before its secret rotated; `statements` are what it did."""
        login = Login(name or self.first, new_password())
        creator = Login(self.administrator.username, self.administrator.password)
        with self.connected(creator) as connection:
            connection.run(f"CREATE ROLE {quoted(login.username)} LOGIN PASSWORD {literal(login.password)}")
            connection.run(f"GRANT CREATE ON SCHEMA public TO {quoted(login.username)}")
            connection.run(f"GRANT CREATE ON DATABASE {quoted(self.name)} TO {quoted(login.username)}")
        for statement in statements:
            self.run(login, statement)
        return login

    def drop(self) -> None:
        """With whoever is connected to it. Roles stay, which are the server's."""
        self.servers.primary.login.execute(f"DROP DATABASE {quoted(self.name)} WITH (FORCE)")

    def replayed(self) -> None:
        """Wait until the replica has everything."""
        ((position,),) = self.servers.primary.login.execute("SELECT pg_current_wal_lsn()::text")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.servers.replica.login.execute(
            "SELECT pg_last_wal_replay_lsn() < :position::pg_lsn", position=position
        ) == [[True]]:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def _administrators(self) -> Iterator[Login]:
        for login in self.administrators:
            self.asked.append(login)
            yield login
