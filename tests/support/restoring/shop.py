"""A shop's database: what a backup has of it, and what is wrong with copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex

from rehearsal.servers.postgresql import Login, PostgreSQL

TABLES = """
CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL, total numeric NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE customers (region text, number int, name text, created_at timestamptz NOT NULL, PRIMARY KEY (region, number));
CREATE TABLE visits (day date, page text, seen int) PARTITION BY RANGE (day);
CREATE TABLE visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY);
CREATE SCHEMA billing;
CREATE TABLE billing."Invoice; lines" (id int PRIMARY KEY, body bytea);
CREATE SCHEMA understudy;
CREATE TABLE understudy.heartbeat (region text PRIMARY KEY, written_at timestamptz);
INSERT INTO orders SELECT n, 'paid', n * 1.5, timestamptz '2026-11-27 00:00Z' + n * interval '10 minutes'
FROM generate_series(1, 140) AS n;
INSERT INTO customers SELECT 'north', n, 'customer ' || n, timestamptz '2026-11-01 00:00Z' FROM generate_series(1, 50) AS n;
INSERT INTO visits SELECT date '2026-11-27', '/', n FROM generate_series(1, 30) AS n;
INSERT INTO scratch VALUES (1);
INSERT INTO billing."Invoice; lines" SELECT n, '\\xdeadbeef' FROM generate_series(1, 10) AS n;
"""
"""The newest record is an order of 2026-11-27 23:20 UTC; a scratch table is in no backup."""


@contextmanager
def shop(server: PostgreSQL) -> Iterator[Login]:
    """A database of the shop, whose tables belong to an owner role that its administrator and its application are members of."""
    elsewhere, made = server.login, replace(server.login, database=f"shop_{token_hex(4)}")
    owner, administrator = f"owner_{made.database}", f"administrator_{made.database}"
    elsewhere.execute(f"CREATE DATABASE {made.database}")
    elsewhere.execute(f"CREATE ROLE {owner}")
    elsewhere.execute(f"CREATE ROLE {administrator} LOGIN PASSWORD '{made.password}' IN ROLE {owner}")
    try:
        rights = f"GRANT CREATE ON DATABASE {made.database} TO {owner}; GRANT ALL ON SCHEMA public TO {owner}"
        # Without parameters, PostgreSQL takes several statements at once.
        made.execute(f"{rights}; SET ROLE {owner}; {TABLES}")
        yield made
    finally:
        made.execute(f"DROP OWNED BY {owner} CASCADE")
        elsewhere.execute(f"DROP DATABASE {made.database} WITH (FORCE)")
        elsewhere.execute(f"DROP ROLE {administrator}")
        elsewhere.execute(f"DROP ROLE {owner}")
