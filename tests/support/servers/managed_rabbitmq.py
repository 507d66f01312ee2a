"""A real broker with its management API, one for all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rotation.broker import VALIDATOR

from rehearsal.servers.certificates import Authority
from rehearsal.servers.rabbitmq import RabbitMQ as Broker


@pytest.fixture(scope="session")
def broker_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signed the broker's certificate."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def running_broker(broker_authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One node."""
    broker = Broker(
        tmp_path_factory.mktemp("rabbitmq") / "broker",
        certificate=broker_authority.certificate("broker", ["localhost", "127.0.0.1"]),
        authority=broker_authority.file,
        settings=VALIDATOR,
    )
    yield broker
    broker.stop()
