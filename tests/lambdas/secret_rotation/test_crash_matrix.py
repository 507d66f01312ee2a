"""The documentation's table of crashes says what was killed, how often, and whether it was right."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from crash_matrix import FILE, PROPERTY, TABLE, WITHIN, Row, died, row, rows


@dataclass
class Reported:
    """A test's report."""

    user_properties: list[tuple[str, object]] = field(default_factory=list)
    when: str = "call"


def killed(within: str, *points: int, when: str = "call") -> Reported:
    """A test that killed at `points`."""
    made: Row = row("Redis", "application", within)
    for point in points:
        died(made, point)
    return Reported([("something else", 1), (PROPERTY, made)], when)


def test_tests_of_one_matrix_are_one_row() -> None:
    """A point counts once, however often somebody died there; what is set up and taken down says nothing."""
    passed = [killed("a rotation", 0, 1, 1), killed("a rotation", 1, 2), killed("a rotation", 7, when="teardown")]
    assert [("Redis", "application", "a rotation", "3", "5", "yes")] == rows(passed, [])


def test_one_failure_is_told() -> None:
    """Whatever else passed."""
    found = rows([killed("a rotation", 0)], [killed("a rotation", 1)])
    assert [("Redis", "application", "a rotation", "2", "2", "**no**: 1 tests failed")] == found


def test_what_was_not_played_again_stays(tmp_path: Path) -> None:
    """And rows stand in one order."""
    file = tmp_path / "table.md"
    file.write_text(f"before\n{TABLE.begin}\n{TABLE.end}\nafter\n", encoding="utf-8")
    for within in ("a retirement", "a rotation"):
        TABLE.write(file, rows([killed(within, 0)], []))
    lines = file.read_text(encoding="utf-8").splitlines()
    assert ["a rotation", "a retirement"] == [line.split(" | ")[2] for line in lines if line.startswith("| Redis")]
    assert ("before", "after") == (lines[0], lines[-1])


def test_the_documentation_has_a_place_for_it() -> None:
    """With every kind of death that the order knows of."""
    text = FILE.read_text(encoding="utf-8")
    assert text.index(TABLE.begin) < text.index(TABLE.end)
    assert len(WITHIN) == len(set(WITHIN))
