"""The table of rehearsed rotations in the documentation: one row for each engine, the last that was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rehearsal.failure import RehearsalError
from rehearsal.rotation.outcome import Outcome
from rehearsal.rotation.plan import ENGINES

BEGIN: Final = "<!-- rotations: begin -->"
END: Final = "<!-- rotations: end -->"
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


def table(rows: Iterable[Sequence[str]]) -> str:
    """As Markdown. Times are real."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ("---",) * len(COLUMNS), *rows))


def write(file: Path, outcome: Outcome) -> None:
    """Put an outcome into the table between the file's markers, over what stood there for its engine.

    Raises:
        RehearsalError: the file has no such place.
    """
    text = file.read_text() if file.exists() else ""
    before, begin, rest = text.partition(BEGIN)
    there, end, after = rest.partition(END)
    if not begin or not end:
        raise RehearsalError(f"{file} has no place for the table", remedy=f"it stands between {BEGIN} and {END}")
    rows = {row[0]: row for line in there.splitlines() if (row := _cells(line))[0] in ENGINES}
    rows[outcome.engine] = _row(outcome)
    file.write_text(f"{before}{BEGIN}\n{table(rows[engine] for engine in ENGINES if engine in rows)}\n{END}{after}")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


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
