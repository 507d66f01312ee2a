"""A real broker, first as the active site's and then as the waiting site's; bucket, secret and lease in moto."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from copying.brokers import World, world
from servers.managed_rabbitmq import broker_authority, running_broker

from rehearsal.servers.certificates import Authority
from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from shared import trust

__all__ = ["broker_authority", "running_broker"]


@pytest.fixture
def made(running_broker: Broker, broker_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The broker is believed by functions, and empty."""
    monkeypatch.setenv("CA_BUNDLE", str(broker_authority.file))
    trust.public_and_bundle.cache_clear()
    with world(running_broker, monkeypatch) as found:
        found.empty()
        yield found
        found.empty()
    for user in running_broker.manage("GET", "users"):
        if user["name"] != ADMINISTRATOR:
            running_broker.manage("DELETE", f"users/{quote(user['name'], safe='')}")
    trust.public_and_bundle.cache_clear()
