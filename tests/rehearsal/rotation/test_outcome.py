"""What counts as the right outcome, and where it is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.failure import RehearsalError
from rehearsal.rotation import record
from rehearsal.rotation.outcome import Outcome

RIGHT = Outcome(
    engine="redis",
    wanted=20,
    rotations=20,
    administrator_rotations=0,
    too_early_refused=True,
    logins=4_000,
    refused=0,
    operations=3_000,
    lost=0,
    examples=[],
    logins_made=21,
    logins_sampled=800,
    most_live=2,
    longest_two_seconds=2.5,
    median_seconds=0.5,
    longest_seconds=0.9,
    minutes=1.0,
    troubles=[],
)


def test_the_right_one_has_nothing_wrong() -> None:
    """Otherwise the cases below would show nothing."""
    assert () == RIGHT.wrongs


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"rotations": 19}, "19 rotations were finished, of 20"),
        ({"refused": 1}, "1 logins of consumers were refused"),
        ({"lost": 2}, "2 operations were lost"),
        ({"operations": 0}, "the consumers did nothing"),
        ({"most_live": 3}, "3 logins were live at once"),
        ({"too_early_refused": False}, "a rotation that began too early was not refused"),
        ({"troubles": ["something"]}, "something"),
    ],
)
def test_everything_that_may_be_wrong(change: dict[str, Any], wrong: str) -> None:
    """Each by itself is enough."""
    assert (wrong,) == msgspec.structs.replace(RIGHT, **change).wrongs


def test_a_row_takes_the_place_of_its_engines_last_one(tmp_path: Path) -> None:
    """Rows stand in one order, and what is around the table stays."""
    file = tmp_path / "rotations.md"
    file.write_text(f"before\n{record.TABLE.begin}\n{record.TABLE.end}\nafter\n")
    record.write(file, RIGHT)
    record.write(file, msgspec.structs.replace(RIGHT, engine="postgresql", administrator_rotations=4))
    record.write(file, msgspec.structs.replace(RIGHT, rotations=1_000, wanted=1_000))
    lines = file.read_text().splitlines()
    rows = [line.split(" | ")[:2] for line in lines if line.startswith("| ") and "---" not in line]
    assert [["| engine", "rotations"], ["| postgresql", "20"], ["| redis", "1,000"]] == rows
    assert ("before", "after") == (lines[0], lines[-1])


def test_a_file_without_a_place_is_left_alone(tmp_path: Path) -> None:
    """And somebody is told."""
    file = tmp_path / "other.md"
    file.write_text("text")
    with pytest.raises(RehearsalError, match="no place"):
        record.write(file, RIGHT)
    assert "text" == file.read_text()
