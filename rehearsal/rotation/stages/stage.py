"""What a rehearsal needs of the servers of any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from rehearsal.rotation.plan import EngineName
from rehearsal.servers.certificates import Certificate
from shared.login import Login

LOOPBACK: Final = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a rotation function's settings say of a server; names as secret_rotation.settings has them."""

    host: str
    port: int
    further: Mapping[str, Any] = field(default_factory=dict)


class Stage(Protocol):
    """Running servers."""

    endpoint: Endpoint
    application: Mapping[str, str]
    """The first value of the application's secret, as CloudFormation generates it."""
    administrator: Mapping[str, Any] | None
    """The administrator's, as the server's construct writes it; None if there is none whose login rotates."""

    def takes(self, login: Login) -> bool:
        """Whether any server takes the login now. Raises whatever the driver raises for other troubles."""

    def spread(self, username: str, passwords: Sequence[str]) -> None:
        """Give a user these passwords as AWS's control plane does: for ElastiCache alone."""

    def stop(self) -> None:
        """End all at once."""


def start(engine: EngineName, folder: Path, authority: Path, certificate: Certificate) -> Stage:
    """Start the servers of an engine. Raises RehearsalError."""
    match engine:
        case "postgresql":
            from rehearsal.rotation.stages.postgresql import PostgreSQLStage  # noqa: PLC0415 - one driver of three

            return PostgreSQLStage(folder, authority, certificate)
        case "redis":
            from rehearsal.rotation.stages.redis import RedisStage  # noqa: PLC0415

            return RedisStage(folder, authority, certificate)
        case "rabbitmq":
            from rehearsal.rotation.stages.rabbitmq import RabbitMQStage  # noqa: PLC0415

            return RabbitMQStage(folder, authority, certificate)
