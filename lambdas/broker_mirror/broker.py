"""The broker, by whichever of its administrator's logins works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from broker_mirror.models import Settings
from shared.administrators import logins
from shared.rabbitmq_management import Management, Unauthorized
from shared.told import Told


@contextmanager
def administered(own: Settings) -> Iterator[Management]:
    """The broker's management API as its administrator. Raises Told if no login is taken."""
    for login in logins(own.administrator_arn):
        with Management(own.host, own.management_port, login) as management:
            try:
                management.get("whoami")
            except Unauthorized:
                continue
            yield management
            return
    raise Told(f"RabbitMQ at {own.host} takes no login of its administrator: docs/runbooks/mend-a-rotation.md")
