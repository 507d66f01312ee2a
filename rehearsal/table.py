"""A table in a document, between two markers: each row in its place, over what stood there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rehearsal.failure import RehearsalError

BEGIN: Final = "<!-- rehearsed: begin -->"
END: Final = "<!-- rehearsed: end -->"


@dataclass(frozen=True, slots=True)
class Table:
    """`keys`: how many of the first columns tell a row from the others; `order`: of the rows, by those."""

    columns: Sequence[str]
    keys: int
    order: Sequence[tuple[str, ...]]

    def markdown(self, rows: Iterable[Sequence[str]]) -> str:
        """The rows, below the names of the columns."""
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.columns, ("---",) * len(self.columns), *rows))

    def write(self, file: Path, rows: Iterable[tuple[str, ...]]) -> None:
        """Put rows into the file. Those whose keys are not in the order come last.

        Raises:
            RehearsalError: the file has no place for them.
        """
        text = file.read_text()
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise RehearsalError(f"{file} has no place for the table", remedy=f"it stands between {BEGIN} and {END}")
        known = {row[: self.keys]: row for line in rest.splitlines() if (row := _cells(line))}
        kept = {key: row for key, row in known.items() if key in self.order}
        kept |= {row[: self.keys]: row for row in rows}
        places = {key: place for place, key in enumerate(self.order)}
        ordered = sorted(kept, key=lambda key: places.get(key, len(places)))
        file.write_text(f"{before}{BEGIN}\n{self.markdown(kept[key] for key in ordered)}\n{END}{after}")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
