"""A table in a document, between two markers: each row in its place, over what stood there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.failure import RehearsalError


@dataclass(frozen=True, slots=True)
class Table:
    """`keys`: how many of the first columns tell a row from the others; `order`: of the rows, by those; `name`: of the markers;
    `says`: what stands before them, by the rows.
    """

    columns: Sequence[str]
    keys: int
    order: Sequence[tuple[str, ...]]
    name: str = "rehearsed"
    says: Callable[[Sequence[Sequence[str]]], str] | None = None

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
        shown = list(rows)
        lines = [f"| {' | '.join(row)} |" for row in (self.columns, ("---",) * len(self.columns), *shown)]
        return "\n".join([self.says(shown), "", *lines] if self.says else lines)

    def read(self, file: Path) -> list[tuple[str, ...]]:
        """Its rows in the file, without those whose keys are not in the order. Raises RehearsalError where it has no place."""
        return [row for key, row in self._known(self._parts(file)[1]).items() if key in self.order]

    def write(self, file: Path, rows: Iterable[tuple[str, ...]]) -> None:
        """Put rows into the file. Those whose keys are not in the order come last.

        Raises:
            RehearsalError: the file has no place for them.
        """
        before, there, after = self._parts(file)
        kept = {key: row for key, row in self._known(there).items() if key in self.order}
        kept |= {row[: self.keys]: row for row in rows}
        places = {key: place for place, key in enumerate(self.order)}
        ordered = sorted(kept, key=lambda key: places.get(key, len(places)))
        file.write_text(f"{before}{self.begin}\n{self.markdown(kept[key] for key in ordered)}\n{self.end}{after}")

    def _parts(self, file: Path) -> tuple[str, str, str]:
        """What stands before, between and after the markers."""
        text = file.read_text() if file.exists() else ""
        before, begin, rest = text.partition(self.begin)
        there, end, after = rest.partition(self.end)
        if not begin or not end:
            raise RehearsalError(
                f"{file} has no place for the table", remedy=f"it stands between {self.begin} and {self.end}"
            )
        return before, there, after

    def _known(self, there: str) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {row[: self.keys]: row for line in there.splitlines() if (row := _cells(line))}


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
