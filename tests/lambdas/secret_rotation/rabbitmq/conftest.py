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
from servers.managed_rabbitmq import broker_authority, running_broker

from rehearsal.servers.certificates import Authority
from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation.rabbitmq import RabbitMQ
from shared import trust
from shared.login import Login

__all__ = ["broker_authority", "running_broker"]


@pytest.fixture
def broker(running_broker: Broker, broker_authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """With the application's user, who may use three virtual hosts; and believed by functions."""
    monkeypatch.setenv("CA_BUNDLE", str(broker_authority.file))
    trust.public_and_bundle.cache_clear()
    administrator = (ADMINISTRATOR, running_broker.password)
    for host in VIRTUAL_HOSTS:
        running_broker.manage("PUT", f"vhosts/{quote(host, safe='')}", {})
        running_broker.manage("PUT", f"permissions/{quote(host, safe='')}/{ADMINISTRATOR}", ALL)
    give_user(running_broker, CURRENT)
    yield running_broker
    running_broker.password = administrator[1]
    for user in running_broker.manage("GET", "users"):
        if user["name"] != ADMINISTRATOR:
            running_broker.manage("DELETE", f"users/{quote(user['name'], safe='')}")
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
def accepted(broker: Broker, broker_authority: Authority) -> Callable[..., bool]:
    """Whether a login is taken."""
    return lambda login, virtual_host="/": logs_in(broker, broker_authority.file, login, virtual_host)
