"""Real servers: the system's PostgreSQL, and with `full` each further version that production may have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rotation.database import Database, Servers

from rehearsal.failure import RehearsalError
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import PostgreSQL, Replica
from rehearsal.servers.postgresql_programs import program
from shared import trust


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """Who signs what servers show. Not in pytest's folder, which is closed to the servers' user."""
    with TemporaryDirectory(prefix="understudy-postgresql-") as folder:
        yield Authority(Path(folder))


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(None, id="system"),
        pytest.param(16, id="16", marks=pytest.mark.full),
        pytest.param(17, id="17", marks=pytest.mark.full),
    ],
)
def servers(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Servers]:
    """A primary that takes TLS alone and logs every statement, and a replica."""
    with TemporaryDirectory(prefix="understudy-postgresql-") as name:
        folder = Path(name)
        try:
            program("initdb", request.param)
        except RehearsalError as missing:
            pytest.fail(f"{missing.reason}: {missing.remedy}")
        primary = PostgreSQL(
            folder / "primary",
            certificate=authority.certificate("postgresql", ["localhost", "127.0.0.1"]),
            tls_alone=True,
            replicated=True,
            major=request.param,
            settings={"log_statement": "all"},
        )
        try:
            replica = Replica(folder / "replica", primary)
            try:
                yield Servers(primary, replica)
            finally:
                replica.stop()
        finally:
            primary.stop()


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' authority stands where the functions' layer keeps those of RDS."""
    monkeypatch.setenv("CA_BUNDLE", str(authority.file))
    trust.bundle_alone.cache_clear()
    yield
    trust.bundle_alone.cache_clear()


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    """An empty database and an administrator."""
    made = Database.create(servers)
    yield made
    made.drop()
