"""A broker that is down, busy, silent or somebody else: a clear sentence, nothing changed, and no secret told."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from rotation.broker import CURRENT, Made

from rehearsal.ports import free_port
from rehearsal.servers.certificates import Authority
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation import rabbitmq_amqp
from shared import rabbitmq_management, trust
from shared.login import Login
from shared.told import Told

PENDING = Login("application_clone", "pending-password-of-test")


@contextmanager
def _answering(
    authority: Authority, status: int, body: bytes, *, names: tuple[str, ...] = ("localhost",)
) -> Iterator[int]:
    """A server by TLS that answers everything alike; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Silent."""

    certificate = authority.certificate("double", names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.both)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _each(engine: Any) -> list[Callable[[], None]]:
    """What a rotation asks of an engine."""
    return [
        lambda: engine.establish(CURRENT),
        lambda: engine.use(CURRENT, PENDING),
        lambda: engine.test(PENDING),
        lambda: engine.retire(CURRENT),
    ]


def _told(call: Callable[[], None], match: str) -> str:
    with pytest.raises(Told, match=match) as told:
        call()
    assert told.value.__cause__ is None
    assert PENDING.password not in str(told.value)
    return str(told.value)


def test_a_broker_that_is_down_is_told(engine_of: Made) -> None:
    """In every step."""
    for call in _each(engine_of(management_port=free_port())):
        _told(call, r"management API at localhost:\d+: the connection was refused")


def test_a_broker_comes_back(engine_of: Made, broker: Broker) -> None:
    """Killed between two steps, and started again: the same step succeeds."""
    engine = engine_of()
    engine.use(CURRENT, PENDING)
    broker.halt()
    try:
        _told(lambda: engine.test(PENDING), "the connection was refused")
    finally:
        broker.start()
    engine.use(CURRENT, PENDING)
    engine.test(PENDING)


@pytest.mark.parametrize(
    ("status", "body", "match"),
    [
        (503, b"<html>no node is up</html>", "answers 503 to GET whoami"),
        (500, b'{"error": "internal", "reason": "mnesia: no quorum"}', "answers 500 to GET whoami: mnesia: no quorum"),
        (302, b"", "answers 302 to GET whoami"),
    ],
)
def test_an_answer_of_a_cluster_in_trouble_is_told(
    engine_of: Made, certificate_authority: Authority, status: int, body: bytes, match: str
) -> None:
    """As when a node is down and others have no majority. A redirection is followed nowhere."""
    with _answering(certificate_authority, status, body) as port:
        for call in _each(engine_of(management_port=port)):
            _told(call, match)


def test_a_password_in_an_answer_is_not_told(engine_of: Made, certificate_authority: Authority, broker: Broker) -> None:
    """Should a broker repeat what it was sent."""
    body = f'{{"reason": "no {broker.password}"}}'.encode()
    with _answering(certificate_authority, 500, body) as port:
        said = _told(lambda: engine_of(management_port=port).use(CURRENT, PENDING), r"no \*\*\*")
    assert broker.password not in said
    assert base64.b64encode(broker.password.encode()).decode() not in said


def test_a_silent_broker_is_given_up(engine_of: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded time."""
    monkeypatch.setattr(rabbitmq_management, "ANSWER_SECONDS", 0.0)  # a second at least
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        _told(lambda: engine_of(management_port=port).use(CURRENT, PENDING), "no answer in time")


def test_a_silent_amqp_listener_is_given_up(engine_of: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The management API answers, and AMQP does not."""
    engine_of().use(CURRENT, PENDING)
    monkeypatch.setattr(rabbitmq_amqp, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(rabbitmq_amqp, "WHOLE_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        _told(lambda: engine_of(port=port).test(PENDING), "virtual host .*, cannot be used: no answer in time")
    _told(lambda: engine_of(port=free_port()).test(PENDING), "the connection was refused")


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    engine_of: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by the management API nor by AMQP."""
    engine = engine_of()
    engine.use(CURRENT, PENDING)
    monkeypatch.setenv("CA_BUNDLE", str(Authority(tmp_path).file))
    trust.public_and_bundle.cache_clear()
    for call in _each(engine):
        _told(call, "certificate is not to be trusted")
    _told(
        lambda: rabbitmq_amqp.check("localhost", engine._settings.port, "/", PENDING),
        "cannot be used: its certificate is not to be trusted",
    )


def test_a_certificate_of_another_name_is_not_trusted(engine_of: Made, certificate_authority: Authority) -> None:
    """A valid one of somebody else's server, who hears no password."""
    with _answering(certificate_authority, 200, b"{}", names=("queue.internal",)) as port:
        _told(
            lambda: engine_of(management_port=port).use(CURRENT, PENDING),
            r"not to be trusted: .*certificate is not valid for 'localhost'",
        )


def test_a_virtual_host_that_is_missing_is_told(engine_of: Made, broker: Broker) -> None:
    """At the creation of the application's user; nobody can log in before its rights are whole."""
    broker.manage("DELETE", "users/application")
    _told(lambda: engine_of(virtual_host="nowhere").establish(CURRENT), "vhost_or_user_not_found|does not know")
    assert "" == broker.manage("GET", "users/application")["password_hash"]
    engine_of().establish(CURRENT)


def test_a_connection_that_was_closed_meanwhile_is_opened_again(broker: Broker) -> None:
    """The broker closes those that are idle."""
    login = Login(broker.administrator, broker.password)
    with rabbitmq_management.Management(broker.host, broker.management_port, login) as management:
        assert "administrator" == management.get("whoami")["name"]
        assert management._http.sock is not None
        management._http.sock.shutdown(socket.SHUT_RDWR)
        assert "administrator" == management.get("whoami")["name"]
