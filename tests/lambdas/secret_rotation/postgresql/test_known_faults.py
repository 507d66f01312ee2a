"""Known faults of rotation functions, put into the engine of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rotation.database import Servers
from rotation.faults.fault import Fault, judge
from rotation.faults.of_postgresql import OF_POSTGRESQL, DatabaseScene

from rehearsal.servers.postgresql import PostgreSQL


@pytest.fixture(scope="module")
def plain() -> Iterator[PostgreSQL]:
    """A server without TLS."""
    with TemporaryDirectory(prefix="understudy-postgresql-") as folder:
        server = PostgreSQL(Path(folder) / "plain")
        yield server
        server.stop()


@pytest.mark.parametrize("fault", OF_POSTGRESQL, ids=str)
def test_of_postgresql(
    fault: Fault[DatabaseScene], servers: Servers, plain: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At real servers."""
    judge(fault, DatabaseScene(servers, plain), monkeypatch)
