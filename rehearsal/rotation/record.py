"""The table of rehearsed rotations in the documentation: one row for each engine, the last that was written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rehearsal.rotation.outcome import Outcome
from rehearsal.rotation.plan import ENGINES
from rehearsal.table import Table

COLUMNS: Final = (
    "engine",
    "rotations",
    "of the administrator",
    "logins tried",
    "refused",
    "operations",
    "lost",
    "live logins at most",
    "two live for, at most",
    "a rotation: median",
    "longest",
    "minutes",
    "right",
)


TABLE: Final = Table(COLUMNS, keys=1, order=[(engine,) for engine in ENGINES], name="rotations")
"""Times are real."""


def write(file: Path, outcome: Outcome) -> None:
    """Put an outcome into the table of `file`, over what stood there for its engine.

    Raises:
        RehearsalError: the file has no such place.
    """
    TABLE.write(file, [_row(outcome)])


def _row(outcome: Outcome) -> tuple[str, ...]:
    return (
        outcome.engine,
        f"{outcome.rotations:,}",
        f"{outcome.administrator_rotations:,}" if outcome.administrator_rotations else "",
        f"{outcome.logins:,}",
        str(outcome.refused),
        f"{outcome.operations:,}",
        str(outcome.lost),
        str(outcome.most_live),
        f"{outcome.longest_two_seconds:.1f} s",
        f"{outcome.median_seconds:.2f} s",
        f"{outcome.longest_seconds:.2f} s",
        f"{outcome.minutes:.0f}",
        "**no**: " + "; ".join(outcome.wrongs) if outcome.wrongs else "yes",
    )
