"""What tests of functions share: real servers on the loopback."""

from servers.fixtures import (
    certificate_authority,
    postgresql_server,
    rabbitmq_server,
    redis_server,
    server_logs,
)

__all__ = ["certificate_authority", "postgresql_server", "rabbitmq_server", "redis_server", "server_logs"]
