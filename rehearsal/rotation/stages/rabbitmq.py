"""A RabbitMQ broker with its management API; the administrator is its first user."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pika  # type: ignore[import-untyped]
from pika.exceptions import AuthenticationError, ProbableAuthenticationError  # type: ignore[import-untyped]

from rehearsal.rotation.stages.stage import Endpoint
from rehearsal.servers.certificates import Certificate
from rehearsal.servers.rabbitmq import RabbitMQ
from shared.login import Login, new_password


class RabbitMQStage:
    """One broker."""

    def __init__(self, folder: Path, authority: Path, certificate: Certificate) -> None:
        self._context = ssl.create_default_context(cafile=str(authority))
        self._broker = RabbitMQ(folder / "rabbitmq", certificate=certificate, authority=authority)
        self.endpoint = Endpoint(
            self._broker.host, self._broker.port, {"management_port": self._broker.management_port}
        )
        self.application: Mapping[str, str] = {"username": "application", "password": new_password()}
        self.administrator: Mapping[str, Any] | None = {
            "username": self._broker.administrator,
            "password": self._broker.password,
            "engine": "rabbitmq",
            "host": self._broker.host,
            "port": self._broker.port,
        }

    def takes(self, login: Login) -> bool:
        """By AMQPS."""
        try:
            pika.BlockingConnection(
                pika.ConnectionParameters(
                    self._broker.host,
                    self._broker.port,
                    credentials=pika.PlainCredentials(login.username, login.password, erase_on_connect=True),
                    ssl_options=pika.SSLOptions(self._context, self._broker.host),
                    socket_timeout=10.0,
                    stack_timeout=20.0,
                )
            ).close()
        except (AuthenticationError, ProbableAuthenticationError):
            return False
        return True

    def spread(self, username: str, passwords: Sequence[str]) -> None:
        """Nobody but its administrator changes a broker's users."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it."""
        self._broker.stop()
