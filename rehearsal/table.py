"""A table in a document, between two markers: each row in its place, over what stood there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.failure import RehearsalError


@dataclass(frozen=True, slots=True)
class Table:
    """`keys`: how many of the first columns tell a row from the others; `order`: of the rows, by those; `name`: of the markers."""

    columns: Sequence[str]
    keys: int
    order: Sequence[tuple[str, ...]]
    name: str = "rehearsed"

    @property
    def begin(self) -> str:
        """The line before it."""
        return f"<!-- {self.name}: begin -->"

    @property
    def end(self) -> str:
        """The line after it."""
        return f"<!-- {self.name}: end -->"

    def markdown(self, rows: Iterable[Sequence[str]]) -> str:
        """The rows, below the names of the columns."""
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.columns, ("---",) * len(self.columns), *rows))

    def write(self, file: Path, rows: Iterable[tuple[str, ...]]) -> None:
        """Put rows into the file. Those whose keys are not in the order come last.

        Raises:
            RehearsalError: the file has no place for them.
        """
        text = file.read_text() if file.exists() else ""
        before, begin, rest = text.partition(self.begin)
        there, end, after = rest.partition(self.end)
        if not begin or not end:
            raise RehearsalError(
                f"{file} has no place for the table", remedy=f"it stands between {self.begin} and {self.end}"
            )
        known = {row[: self.keys]: row for line in there.splitlines() if (row := _cells(line))}
        kept = {key: row for key, row in known.items() if key in self.order}
        kept |= {row[: self.keys]: row for row in rows}
        places = {key: place for place, key in enumerate(self.order)}
        ordered = sorted(kept, key=lambda key: places.get(key, len(places)))
        file.write_text(f"{before}{self.begin}\n{self.markdown(kept[key] for key in ordered)}\n{self.end}{after}")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
