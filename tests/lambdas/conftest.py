"""What tests of functions share: real servers on the loopback."""

from crash_matrix import crash_row
from servers import certificate_authority, postgresql_server, rabbitmq_server, redis_server

__all__ = ["certificate_authority", "crash_row", "postgresql_server", "rabbitmq_server", "redis_server"]
