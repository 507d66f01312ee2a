"""pytest's fixtures of real servers: each is started when the first test of a process asks for it, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.certificate_authority import CertificateAuthority
from servers.postgresql import PostgresqlServer, postgresql
from servers.rabbitmq import RabbitmqServer, rabbitmq
from servers.redis import RedisServer, redis


@pytest.fixture(scope="session")
def server_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where servers write; pytest keeps it for the last three runs."""
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def certificate_authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """The authority that the servers' certificates come from; `certificate_authority.certificate` is its PEM file."""
    return CertificateAuthority.create(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def postgresql_server(certificate_authority: CertificateAuthority, server_logs: Path) -> Iterator[PostgresqlServer]:
    """A PostgreSQL that takes TLS alone; `new_database()` gives a test one of its own."""
    with postgresql(certificate_authority, server_logs) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(certificate_authority: CertificateAuthority, server_logs: Path) -> Iterator[RedisServer]:
    """A Redis that takes TLS and its one user alone."""
    with redis(certificate_authority, server_logs) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq_server(certificate_authority: CertificateAuthority, server_logs: Path) -> Iterator[RabbitmqServer]:
    """A RabbitMQ that takes TLS alone."""
    with rabbitmq(certificate_authority, server_logs) as server:
        yield server
