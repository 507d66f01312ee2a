"""`python -m rehearsal.release.application.migration migrate up|down`: what the new version's image runs before it starts.

All of a migration is one transaction: half of it is none of it. It recognises what is done already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

import pg8000.native  # type: ignore[import-untyped]

from rehearsal.release.application.orders import connect

SCHEMA_OF_THE_OLD_VERSION: Final = """
CREATE TABLE orders (id bigserial PRIMARY KEY, customer text NOT NULL, placed_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE schema_versions (version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
INSERT INTO schema_versions (version) VALUES ('1');
"""
NEW: Final = "2"


def main() -> None:
    """Exit code 0, 1 for a failed migration, 127 for a command that the image lacks."""
    migrate(tuple(sys.argv[1:]), os.environ)


def migrate(command: tuple[str, ...], variables: Mapping[str, str]) -> None:
    """Bring the schema up or down. Exits for what fails."""
    commands = {("migrate", "up"): up, ("migrate", "down"): down}
    if command not in commands:
        sys.exit(127)
    connection = connect(variables)
    try:
        connection.run("BEGIN")
        # Two of them at once would both find nothing done.
        connection.run("SELECT pg_advisory_xact_lock(7)")
        commands[command](connection)
        connection.run("COMMIT")
    finally:
        connection.close()


def up(connection: pg8000.native.Connection) -> None:
    """Add what the new version writes; the old one goes on without noticing. The old version's image brings nothing new."""
    if not os.environ.get("MIGRATED"):
        return
    if connection.run("SELECT 1 FROM schema_versions WHERE version = :new", new=NEW):
        return
    connection.run("ALTER TABLE orders ADD COLUMN note text")
    if os.environ["BEHAVIOUR"] == "bad-migration":
        sys.exit(1)
    connection.run("INSERT INTO schema_versions (version) VALUES (:new)", new=NEW)


def down(connection: pg8000.native.Connection) -> None:
    """Take it away again."""
    connection.run("ALTER TABLE orders DROP COLUMN IF EXISTS note")
    connection.run("DELETE FROM schema_versions WHERE version = :new", new=NEW)


if __name__ == "__main__":
    main()
