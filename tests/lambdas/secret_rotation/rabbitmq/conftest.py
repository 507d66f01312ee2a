"""A real broker with its management API, of which each test finds the same users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from rotation.broker import (
    ALL,
    CURRENT,
    SECRETS,
    VIRTUAL_HOSTS,
    count_requests,
    give_user,
    logs_in,
    settings_of,
)

from rehearsal.servers.certificates import Authority
from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation.rabbitmq import RabbitMQ
from shared import trust
from shared.login import Login


@pytest.fixture
def broker(
    rabbitmq_server: Broker, certificate_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Broker]:
    """With the application's user, who may use three virtual hosts; and believed by functions."""
    monkeypatch.setenv("CA_BUNDLE", str(certificate_authority.file))
    trust.public_and_bundle.cache_clear()
    administrator = (ADMINISTRATOR, rabbitmq_server.password)
    for host in VIRTUAL_HOSTS:
        rabbitmq_server.manage("PUT", f"vhosts/{quote(host, safe='')}", {})
        rabbitmq_server.manage("PUT", f"permissions/{quote(host, safe='')}/{ADMINISTRATOR}", ALL)
    give_user(rabbitmq_server, CURRENT)
    yield rabbitmq_server
    rabbitmq_server.password = administrator[1]
    for user in rabbitmq_server.manage("GET", "users"):
        if user["name"] != ADMINISTRATOR:
            rabbitmq_server.manage("DELETE", f"users/{quote(user['name'], safe='')}")
    trust.public_and_bundle.cache_clear()


@pytest.fixture
def engine_of(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RabbitMQ]:
    """Engines of the application's or the administrator's secret; requests that change something are counted."""
    count_requests(monkeypatch)

    def make(kind: str = "application", *administrators: Login, **changed: Any) -> RabbitMQ:
        logins = administrators or (Login(ADMINISTRATOR, broker.password),)
        return RabbitMQ(settings_of(broker, **changed), SECRETS[kind], lambda: iter(logins))

    return make


@pytest.fixture
def engine(engine_of: Callable[..., RabbitMQ]) -> RabbitMQ:
    """The application's."""
    return engine_of()


@pytest.fixture
def accepted(broker: Broker, certificate_authority: Authority) -> Callable[..., bool]:
    """Whether a login is taken."""
    return lambda login, virtual_host="/": logs_in(broker, certificate_authority.file, login, virtual_host)
