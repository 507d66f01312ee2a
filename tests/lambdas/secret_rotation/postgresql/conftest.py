"""Real servers, and a database of each test's own."""

from rotation.postgresql_fixtures import authority, database, servers, trusted

__all__ = ["authority", "database", "servers", "trusted"]
