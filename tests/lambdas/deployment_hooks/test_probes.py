"""Probes against real servers: each hears its own server, and none is content with less."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from web_application import Answer, WebApplication, web_application

from deployment_hooks.probes import Finding, probe
from rehearsal.ports import free_port
from rehearsal.servers.certificates import Authority
from rehearsal.servers.postgresql import PostgreSQL
from rehearsal.servers.rabbitmq import RabbitMQ
from rehearsal.servers.redis import Redis
from shared import trust
from shared.plan import Dependency

Kind = Literal["postgresql", "redis", "amqp", "https"]


@pytest.fixture(autouse=True)
def trusted(certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' authority stands where the functions' layer keeps those of RDS."""
    _trust(monkeypatch, certificate_authority.file)
    yield
    _forget()


def _trust(monkeypatch: pytest.MonkeyPatch, bundle: Path) -> None:
    monkeypatch.setenv("CA_BUNDLE", str(bundle))
    _forget()


def _forget() -> None:
    trust.public_and_bundle.cache_clear()
    trust.bundle_alone.cache_clear()


def _at(kind: Kind, port: int, host: str = "localhost", path: str = "/") -> Dependency:
    return Dependency("it", kind, host, port, path)


def _wrong(dependency: Dependency) -> Finding:
    found = probe(dependency, timeout_seconds=1)
    assert found is not None
    return found


@contextmanager
def _saying(answer: bytes) -> Iterator[int]:
    """A server that answers whatever it is sent with `answer`, without TLS, and hangs up."""
    listener = socket.create_server(("localhost", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(1024)
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def test_postgresql_answers_without_a_password(postgresql_server: PostgreSQL) -> None:
    """SSLRequest, then a verified handshake."""
    assert probe(_at("postgresql", postgresql_server.login.port)) is None


def test_redis_answers_without_a_password(redis_server: Redis) -> None:
    """NOAUTH is an answer of Redis."""
    assert probe(_at("redis", redis_server.port)) is None


def test_rabbitmq_answers_without_a_password(rabbitmq_server: RabbitMQ) -> None:
    """The protocol header is answered with Connection.Start."""
    assert probe(_at("amqp", rabbitmq_server.port)) is None


def test_an_endpoint_answers_below_500(certificate_authority: Authority) -> None:
    """Not found is an answer; a server error is not."""
    with web_application(certificate_authority.certificate("endpoint", ["localhost"])) as application:
        application.answers = {"/missing": Answer(404), "/broken": Answer(503)}
        assert probe(_at("https", application.port, path="/missing")) is None
        assert "it (https) at localhost:" in _wrong(_at("https", application.port, path="/broken")).text
        assert "it answers 503" in _wrong(_at("https", application.port, path="/broken")).text


@pytest.mark.parametrize("kind", ["postgresql", "redis", "amqp", "https"])
def test_a_closed_port_may_open_again(kind: Kind) -> None:
    """Refused is worth another look."""
    found = _wrong(_at(kind, free_port()))
    assert "the connection was refused" in found.text
    assert not found.lasting


@pytest.mark.parametrize("kind", ["postgresql", "redis", "amqp", "https"])
def test_a_name_that_does_not_resolve(kind: Kind) -> None:
    """The reserved top-level domain never does."""
    assert "its name does not resolve" in _wrong(_at(kind, 5432, host="database.invalid")).text


def test_a_certificate_for_another_name_is_refused(
    certificate_authority: Authority, application: WebApplication
) -> None:
    """The server shows shop.example.com's where localhost was asked."""
    assert certificate_authority
    for kind in ("redis", "amqp"):
        found = _wrong(_at(kind, application.port))
        assert "its certificate is not to be trusted" in found.text
        assert found.lasting


def test_an_expired_certificate_is_refused(certificate_authority: Authority) -> None:
    """Also of the right name."""
    expired = certificate_authority.certificate("expired", ["localhost"], lives=timedelta(minutes=-1))
    with web_application(expired) as application:
        assert "expired" in _wrong(_at("redis", application.port)).text


def test_an_authority_that_nobody_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_server: PostgreSQL, redis_server: Redis
) -> None:
    """Another authority's bundle does not make the servers' certificates good."""
    _trust(monkeypatch, Authority(tmp_path).file)
    for found in (_wrong(_at("postgresql", postgresql_server.login.port)), _wrong(_at("redis", redis_server.port))):
        assert "its certificate is not to be trusted" in found.text
        assert found.lasting


def test_a_missing_bundle_is_no_reason_to_trust(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgresql_server: PostgreSQL
) -> None:
    """PostgreSQL's authorities are RDS's, which no system knows."""
    _trust(monkeypatch, tmp_path / "none.pem")
    assert "the authorities in" in _wrong(_at("postgresql", postgresql_server.login.port)).text


def test_a_database_without_tls_is_refused() -> None:
    """It says N, and the probe does not go on in clear."""
    with _saying(b"N") as port:
        assert Finding(f"it (postgresql) at localhost:{port}: it offers no TLS", lasting=True) == _wrong(
            _at("postgresql", port)
        )


@pytest.mark.parametrize("kind", ["redis", "amqp", "https", "postgresql"])
def test_a_server_of_something_else(kind: Kind) -> None:
    """A port that speaks another protocol is not the dependency."""
    with _saying(b"220 mail.example.com ESMTP\r\n") as port:
        assert f"it ({kind}) at localhost:{port}: " in _wrong(_at(kind, port)).text


@pytest.mark.parametrize("kind", ["redis", "amqp"])
def test_tls_with_something_else_behind_it(kind: Kind, certificate_authority: Authority) -> None:
    """A web server with a good certificate is neither cache nor queue."""
    with web_application(certificate_authority.certificate("endpoint", ["localhost"])) as application:
        found = probe(_at(kind, application.port), timeout_seconds=1)
    assert found is not None


@pytest.mark.parametrize("kind", ["postgresql", "redis", "amqp", "https"])
def test_a_server_that_never_answers_is_not_waited_for(kind: Kind) -> None:
    """The probe ends within its time."""
    listener = socket.create_server(("localhost", 0))
    with listener:
        found = _wrong(_at(kind, listener.getsockname()[1]))
    assert "in time" in found.text
    assert not found.lasting
