"""Faults of the RabbitMQ engine, at a real broker: AWS has no function for it, and the faults of the others exist there too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final

import pika  # type: ignore[import-untyped]
import pytest
from rotation.broker import CURRENT, rights_of
from rotation.faults.fault import CLONE, TLS, Fault
from rotation.faults.trust import HANDSHAKE, another_authority, eavesdropper, unverified

from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation import rabbitmq_amqp, rabbitmq_rights
from secret_rotation.rabbitmq import RabbitMQ
from shared import rabbitmq_management, trust
from shared.rabbitmq_management import Management
from shared.told import Told


@dataclass(frozen=True)
class BrokerScene:
    """A broker, and engines of its users."""

    broker: Broker
    engine_of: Callable[..., RabbitMQ]

    def serves(self) -> bool:
        """Whether the engine's own test of the current login is passed."""
        try:
            self.engine_of().test(CURRENT)
        except Told:
            return False
        return True


def _nobody_hears_a_password_by_amqp(_: BrokerScene) -> None:
    with eavesdropper() as (port, heard), suppress(Told):
        rabbitmq_amqp.check("localhost", port, "/", CURRENT)
    assert heard[0].startswith(HANDSHAKE)


def _nobody_hears_a_password_by_http(_: BrokerScene) -> None:
    with eavesdropper() as (port, heard), suppress(Told), Management("localhost", port, CURRENT) as management:
        management.get("whoami")
    assert heard[0].startswith(HANDSHAKE)


def _an_unknown_authority_is_not_believed(scene: BrokerScene) -> None:
    assert scene.serves()
    with another_authority():
        assert not scene.serves()


def _the_clone_may_do_the_same(scene: BrokerScene) -> None:
    engine = scene.engine_of()
    pending = engine.following(CURRENT)
    with suppress(Told):
        engine.use(CURRENT, pending)
    assert rights_of(scene.broker, CURRENT.username) == rights_of(scene.broker, pending.username)
    scene.broker.manage("DELETE", f"users/{pending.username}")


def _amqp_plainly(patches: pytest.MonkeyPatch) -> None:
    parameters = pika.ConnectionParameters

    def without_tls(**said: Any) -> Any:
        return parameters(**{**said, "ssl_options": None})

    patches.setattr(pika, "ConnectionParameters", without_tls)


def _http_plainly(patches: pytest.MonkeyPatch) -> None:
    def without_tls(host: str, port: int, *, timeout: float, context: object) -> HTTPConnection:  # noqa: ARG001
        return HTTPConnection(host, port, timeout=timeout)

    patches.setattr(rabbitmq_management, "HTTPSConnection", without_tls)


def _believe_everybody(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(trust, "public_and_bundle", unverified)


def _copy_nothing(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(rabbitmq_rights, "copy", lambda _management, _source, _target: None)


OF_RABBITMQ: Final[list[Fault[BrokerScene]]] = [
    Fault(TLS, "AMQP without TLS", _nobody_hears_a_password_by_amqp, _amqp_plainly),
    Fault(TLS, "the management API without TLS", _nobody_hears_a_password_by_http, _http_plainly),
    Fault(TLS, "RabbitMQ with anybody's certificate", _an_unknown_authority_is_not_believed, _believe_everybody),
    Fault(CLONE, "RabbitMQ's second user without the rights of the first", _the_clone_may_do_the_same, _copy_nothing),
]
