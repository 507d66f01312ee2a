"""Counts and samples a PostgreSQL database, as one moment shows it.

The content stays there: rows are hashed by the server. Tables that it supposes to be large are not counted but taken at its
own estimate, which a restored copy has too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared import clock
from shared.census import Census, Part
from shared.postgresql_connection import Limits, Session
from shared.postgresql_names import quoted

LOOK: Final = Limits(
    "understudy-restore-tests",
    5.0,
    140.0,
    {
        "statement_timeout": "120s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "180s",
        "default_transaction_read_only": "on",
        # One moment for all tables.
        "default_transaction_isolation": "repeatable read",
        # What a row looks like as text, and so its hash, depends on these.
        "TimeZone": "UTC",
        "DateStyle": "ISO, YMD",
        "IntervalStyle": "postgres",
        "extra_float_digits": "1",
        "bytea_output": "hex",
    },
)
COUNTED_ROWS: Final = 5_000_000
"""A table with more, by its own estimate, is not counted: that reads it from end to end."""
SAMPLED_ROWS: Final = 20
LOOKED_THROUGH: Final = 200
"""In a copy: whatever was inserted before a sampled row since the manifest, it is still among these."""
BUDGET_SECONDS: Final = 600.0
"""Of a function's fifteen minutes; tables that come later are estimated."""

TABLES: Final = """
SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::bigint, has_table_privilege(c.oid, 'SELECT'),
       (SELECT array_agg(a.attname::text ORDER BY k.position) FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, position)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE i.indrelid = c.oid AND i.indisprimary),
       (SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ANY(:columns ::text[])
          AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype)
        ORDER BY array_position(:columns ::text[], a.attname::text) LIMIT 1)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
  AND n.nspname NOT IN ('information_schema', 'understudy') AND n.nspname !~ '^pg_'
ORDER BY 1, 2
"""
"""Tables of the application: what is unlogged is in no backup, and what is in `understudy` is this project's own."""


@dataclass(frozen=True, slots=True)
class _Table:
    schema: str
    name: str
    estimate: int
    readable: bool
    key: Sequence[str]
    stamp: str | None

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def take(session: Session, columns: Sequence[str], *, sampled: int = SAMPLED_ROWS) -> Census:
    """The census of the database that `session` is in; tables that its login cannot read are not in it.

    `columns`: of time stamps; the first that a table has counts. `sampled`: how many rows, from the lowest key on, are hashed.
    Raises Told.
    """
    began, taken_at = clock.monotonic(), clock.epoch()
    parts = {}
    with session.transaction():
        rows = session.run(TABLES, columns=list(columns))
        for schema, name, estimate, readable, key, stamp in rows:
            table = _Table(schema, name, int(estimate), bool(readable), key or (), stamp)
            if table.readable:
                late = clock.monotonic() - began > BUDGET_SECONDS
                parts[table.full_name] = _part(session, table, sampled, counted=not late)
    return Census(taken_at, parts)


def _part(session: Session, table: _Table, sampled: int, *, counted: bool) -> Part:
    if not counted or table.estimate > COUNTED_ROWS:
        return Part(table.estimate, estimated=True, sample=_sample(session, table, sampled))
    stamp = f"extract(epoch FROM max({quoted(table.stamp)}))::float8" if table.stamp else "NULL"
    ((count, newest),) = session.run(f"SELECT count(*), {stamp} FROM {table.quoted}")  # noqa: S608 - quoted names
    return Part(int(count), newest=newest, sample=_sample(session, table, sampled))


def _sample(session: Session, table: _Table, sampled: int) -> dict[str, str]:
    if not table.key:
        return {}
    key = ", ".join(f"t.{quoted(column)}" for column in table.key)
    query = (
        f"SELECT ROW({key})::text, encode(sha256(convert_to(t::text, 'UTF8')), 'hex') "  # noqa: S608 - quoted names
        f"FROM {table.quoted} t ORDER BY {key} LIMIT {int(sampled)}"
    )
    return {str(row): str(digest) for row, digest in session.run(query)}
