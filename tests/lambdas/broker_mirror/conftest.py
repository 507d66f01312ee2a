"""A real broker, first as the active site's and then as the waiting site's; bucket, secret and lease in moto."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from copying.brokers import World, world

from rehearsal.servers.certificates import Authority
from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from shared import trust


@pytest.fixture
def made(rabbitmq_server: Broker, certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The broker is believed by functions, and empty."""
    monkeypatch.setenv("CA_BUNDLE", str(certificate_authority.file))
    trust.public_and_bundle.cache_clear()
    with world(rabbitmq_server, monkeypatch) as found:
        found.empty()
        yield found
        found.empty()
    for user in rabbitmq_server.manage("GET", "users"):
        if user["name"] != ADMINISTRATOR:
            rabbitmq_server.manage("DELETE", f"users/{quote(user['name'], safe='')}")
    trust.public_and_bundle.cache_clear()
