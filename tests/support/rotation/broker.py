"""A broker as rotations of its users find it: what its users may do, who can log in, and requests that can be the last."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pika  # type: ignore[import-untyped]
import pytest
from pika.exceptions import ProbableAuthenticationError  # type: ignore[import-untyped]
from rotation.memory import effect

from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from secret_rotation.rabbitmq import RabbitMQ
from secret_rotation.settings import Secret, Settings
from shared.login import Login
from shared.rabbitmq_management import Management

Made = Callable[..., RabbitMQ]
"""Makes the engine of a kind of secret."""
Accepted = Callable[..., bool]
"""Asks whether a login is taken, at a virtual host."""
USERNAME: Final = "application"
CURRENT: Final = Login(USERNAME, "current-password-of-test")
VIRTUAL_HOSTS: Final = ("orders", "a/b %c")
LONGEST_BEFORE_REJECTED: Final = 200
VALIDATOR: Final = """
credential_validator.validation_backend = rabbit_credential_validator_password_regexp
credential_validator.regexp = ^.{12,200}$
"""
"""A validator as Amazon MQ has one: from 12 characters, and here no more than 200."""
SECRETS: Final = {
    "application": Secret(arn="arn:application", name="queue", kind="application"),
    "administrator": Secret(arn="arn:administrator", name="queue-administrator", kind="administrator"),
}
ALL: Final = {"configure": ".*", "write": ".*", "read": ".*"}
READ: Final = {"configure": "^$", "write": "^out", "read": ".*"}


def give_user(broker: Broker, login: Login) -> None:
    """A user with rights, topic rights, tags and limits, all different."""
    name = login.username
    broker.manage("PUT", f"users/{name}", {"password": login.password, "tags": "policymaker,auditor"})
    for host, rights in (("/", ALL), ("orders", READ), ("a/b %c", ALL)):
        broker.manage("PUT", f"permissions/{quote(host, safe='')}/{name}", rights)
    for exchange, pattern in (("amq.topic", "^orders"), ("amq.fanout", "^all")):
        topics = {"exchange": exchange, "write": pattern, "read": ".*"}
        broker.manage("PUT", f"topic-permissions/orders/{name}", topics)
    broker.manage("PUT", f"user-limits/{name}/max-channels", {"value": 40})
    broker.manage("PUT", f"user-limits/{name}/max-connections", {"value": 400})


def rights_of(broker: Broker, name: str) -> Mapping[str, Any]:
    """Everything that the broker keeps of a user beside name and password."""

    def listed(path: str) -> list[Any]:
        found = [{key: value for key, value in each.items() if key != "user"} for each in broker.manage("GET", path)]
        return sorted(found, key=str)

    user = broker.manage("GET", f"users/{name}")
    return {
        "tags": sorted(user["tags"]),
        "permissions": listed(f"users/{name}/permissions"),
        "topics": listed(f"users/{name}/topic-permissions"),
        "limits": listed(f"user-limits/{name}"),
    }


def settings_of(broker: Broker, **changed: Any) -> Settings:
    """What the function's template says."""
    said = {
        "host": broker.host,
        "port": broker.port,
        "management_port": broker.management_port,
        "virtual_host": "/",
        "secrets": list(SECRETS.values()),
    }
    return Settings(
        **{"engine": "rabbitmq", "prefix": "shop-prod", "cluster": "shop-prod", "refresh_arn": "", **said, **changed}
    )


def count_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request of the engine's can be the last, as every call to AWS can."""
    exchange = Management._exchange

    def counted(self: Management, method: str, path: tuple[str, ...], body: str | None) -> tuple[int, bytes]:
        with effect(f"{method} {'/'.join(path)}"):
            return exchange(self, method, path, body)

    monkeypatch.setattr(Management, "_exchange", counted)


def logs_in(broker: Broker, authority: Path, login: Login, virtual_host: str = "/") -> bool:
    """Whether the broker takes a login by AMQP, asked for without the engine's code."""
    context = ssl.create_default_context(cafile=str(authority))
    parameters = pika.ConnectionParameters(
        broker.host,
        broker.port,
        virtual_host,
        pika.PlainCredentials(login.username, login.password),
        ssl_options=pika.SSLOptions(context, broker.host),
    )
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    try:
        pika.BlockingConnection(parameters).close()
    except ProbableAuthenticationError:
        return False
    return True
