"""The table of rehearsed failovers: what it says is missing, what a series still has to play, and in which order."""

from pathlib import Path

import pytest

from rehearsal.failover import matrix
from rehearsal.failover.plan import FAULTS, Plan
from tests.rehearsal.failover.outcomes import outcome


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A document with an empty table."""
    found = tmp_path / "failovers.md"
    found.write_text("Before.\n\n<!-- rehearsed: begin -->\n<!-- rehearsed: end -->\n\nAfter.\n")
    return found


def test_R8_the_table_says_how_many_were_never_played(file: Path) -> None:
    """And how many came out wrong; a reader must not take silence for success."""
    plans = matrix.plans()
    matrix.write(
        file,
        [
            outcome(plan=plans[0]),
            outcome(plan=plans[1], promotions=2),
            outcome(plan=Plan(fault="dark", at=33.3)),
        ],
    )
    text = file.read_text()
    assert (
        f"2 of {len(plans)} have been played; 1 of them came out wrong. "
        f"The other {len(plans) - 2} have not been played yet, and stand nowhere.\n\n| fault |"
    ) in text
    matrix.write(file, [outcome(plan=plan) for plan in plans])
    assert f"-->\n{len(plans)} of {len(plans)} have been played.\n\n| fault |" in file.read_text()


def test_R8_a_series_goes_on_with_what_has_no_right_row(file: Path) -> None:
    """A row that came out wrong is played again."""
    first, second, third = matrix.plans()[:3]
    assert set() == matrix.right_in(file)
    matrix.write(file, [outcome(plan=first), outcome(plan=second, promotions=2)])
    matrix.write(file, [outcome(plan=third)])
    assert {(one.fault, one.when) for one in (first, third)} == matrix.right_in(file)
    assert "Before.\n\n<!--" in file.read_text()
    assert file.read_text().endswith("-->\n\nAfter.\n")


def test_R8_whoever_interrupts_a_series_has_seen_every_fault() -> None:
    """Each once before one comes twice; steps from the point of no return on come first among steps."""
    plans = matrix.plans()
    ordered = matrix.played_in_order(plans)
    assert sorted(map(repr, plans)) == sorted(map(repr, ordered))
    assert list(FAULTS) == [plan.fault for plan in ordered[: len(FAULTS)]]
    killed = [plan.at for plan in ordered if plan.fault == "killed"]
    assert [0.0, "promote", 17.0, "promoted", 41.0, "open"] == killed[:6]
