"""pytest's fixtures of real servers: each is started when the first test of a process asks for it, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from rotation.broker import VALIDATOR

from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import PostgreSQL
from rehearsal.servers.rabbitmq import RabbitMQ
from rehearsal.servers.redis import Redis

LOOPBACK: Final = ("localhost", "127.0.0.1")


@pytest.fixture(scope="session")
def certificate_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the servers' certificates come from."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def postgresql_server(certificate_authority: Authority) -> Iterator[PostgreSQL]:
    """A PostgreSQL that takes TLS alone."""
    with TemporaryDirectory(prefix="understudy-postgresql-") as folder:
        certificate = certificate_authority.certificate("postgresql", LOOPBACK)
        server = PostgreSQL(Path(folder) / "server", certificate=certificate, tls_alone=True)
        yield server
        server.stop()


@pytest.fixture(scope="session")
def redis_server(certificate_authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis that takes TLS and a password alone."""
    certificate = certificate_authority.certificate("redis", LOOPBACK)
    server = Redis(tmp_path_factory.mktemp("redis"), password=token_hex(16), certificate=certificate)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq_server(certificate_authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """A RabbitMQ that takes TLS alone, with its management API."""
    server = RabbitMQ(
        tmp_path_factory.mktemp("rabbitmq") / "broker",
        certificate=certificate_authority.certificate("rabbitmq", LOOPBACK),
        authority=certificate_authority.file,
        settings=VALIDATOR,
    )
    yield server
    server.stop()
