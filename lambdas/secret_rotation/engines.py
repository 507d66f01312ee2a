"""Which engine a secret's server has. Its driver alone is imported."""

from __future__ import annotations

from secret_rotation.administrators import Administrators, administrators
from secret_rotation.engine import Engine
from secret_rotation.settings import Secret, Settings
from secret_rotation.values import LoginValues, Values


def values_for(settings: Settings, secret: Secret) -> Values:
    """What the values of `secret` mean."""
    if secret.kind == "generated":
        from secret_rotation.generated import Generated  # noqa: PLC0415

        return Generated(secret.length)
    return LoginValues(engine_for(settings, secret, administrators(settings)))


def engine_for(settings: Settings, secret: Secret, administrators: Administrators) -> Engine:
    """The engine of the function's server. `administrators`: logins that may make others valid."""
    match settings.engine:
        case "postgresql":
            from secret_rotation.postgresql import PostgreSQL  # noqa: PLC0415

            return PostgreSQL(settings, secret, administrators, alias=settings.alias)
        case "redis":
            from secret_rotation.elasticache import ElastiCache  # noqa: PLC0415

            return ElastiCache(settings, secret)
        case "rabbitmq":
            from secret_rotation.rabbitmq import RabbitMQ  # noqa: PLC0415

            return RabbitMQ(settings, secret, administrators)
        case "generated":
            raise ValueError(f"no server knows {secret.name}")
