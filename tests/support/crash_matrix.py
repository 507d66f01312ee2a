"""The table of crash matrices in the documentation: who was killed where, and whether what came next was right.

A test that kills says so by its fixture `crash_row`, and pytest carries the rows to whoever prints the summary, from other
processes too. `make test-full` has the table written; a part of a matrix alone would understate it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from rehearsal.table import Table

FILE: Final = Path(__file__).parents[2] / "docs" / "rotations-rehearsed.md"
WRITE: Final = "UNDERSTUDY_WRITE_CRASHES"
"""The environment variable by which the table is written."""
PROPERTY: Final = "killed"
SERVERS: Final = ("one in memory", "PostgreSQL 15", "PostgreSQL 16", "PostgreSQL 17", "Redis", "RabbitMQ", "AWS")
SECRETS: Final = ("application", "administrator", "alternating", "single", "two passwords", "all of a service")
WITHIN: Final = (
    "a rotation",
    "a rotation that is retired next",
    "a rotation whose password is rejected",
    "a rotation, with tasks that start meanwhile",
    "a first login",
    "the second user is made",
    "users take turns",
    "a single user",
    "the administrator",
    "retirement",
    "a retirement",
    *(f"a refresh: {case}" for case in ("well", "burst", "waiting", "caller fails", "callee fails", "red")),
)
TABLE: Final = Table(
    ("server", "secret", "killed in", "points", "times killed", "right"),
    keys=3,
    order=list(product(SERVERS, SECRETS, WITHIN)),
    name="crashes",
)

Row = dict[str, Any]
MakeRow = Callable[[str, str, str], Row]
"""Of a server, a secret, and what dies."""


class Report(Protocol):
    """What pytest says of a test."""

    user_properties: list[tuple[str, object]]


def row(server: str, secret: str, within: str) -> Row:
    """Of one test; points and times are added as it goes on."""
    return {"server": server, "secret": secret, "within": within, "points": [], "times": 0}


def died(row: Row, point: object) -> None:
    """Once more, at a point that may have been there before."""
    row["times"] += 1
    if str(point) not in row["points"]:
        row["points"].append(str(point))


def rows(passed: Iterable[Report], failed: Iterable[Report]) -> list[tuple[str, ...]]:
    """One for all tests of a server, a secret and what they died in."""
    found: dict[tuple[str, str, str], tuple[set[str], int, int]] = {}
    for reports, failures in ((passed, 0), (failed, 1)):
        for made in _made(reports):
            key = (made["server"], made["secret"], made["within"])
            points, times, wrong = found.get(key, (set(), 0, 0))
            found[key] = (points | set(made["points"]), times + made["times"], wrong + failures)
    return [
        (*key, str(len(points)), f"{times:,}", f"**no**: {wrong} tests failed" if wrong else "yes")
        for key, (points, times, wrong) in found.items()
    ]


def summarize(stats: Mapping[str, list[Any]]) -> None:
    """At the end of a run, if it is wanted; `stats`: reports by outcome."""
    if os.environ.get(WRITE):
        TABLE.write(FILE, rows(stats.get("passed", []), stats.get("failed", [])))


def _made(reports: Iterable[Report]) -> Iterable[Row]:
    for report in reports:
        for name, value in report.user_properties if getattr(report, "when", "call") == "call" else ():
            if name == PROPERTY and isinstance(value, dict):
                yield value


@pytest.fixture
def crash_row(request: pytest.FixtureRequest) -> MakeRow:
    """Makes rows of the documentation's table for this test."""

    def make(server: str, secret: str, within: str) -> Row:
        made = row(server, secret, within)
        request.node.user_properties.append((PROPERTY, made))
        return made

    return make
