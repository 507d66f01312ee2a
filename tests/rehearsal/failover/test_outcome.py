"""What counts as right, and what does not."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.failover import faults, matrix
from rehearsal.failover.plan import AT_A_STEP, FAULTS, STEPS, Plan, drawn, moment
from rehearsal.failure import RehearsalError
from tests.rehearsal.failover.outcomes import outcome


def test_R8_the_right_outcome() -> None:
    """Recovered in time, with a small loss, by one promotion."""
    assert () == outcome().wrongs


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ending": "asked"}, "it ended as `asked`, not as `recovered`"),
        ({"ending": "neither"}, "it ended as `neither`, not as `recovered`"),
        ({"recovery_seconds": 901.0}, "recovered after 901 s, promised 900"),
        ({"recovery_seconds": None}, "it ended as `recovered`, and users were not served"),
        ({"promotions": 2}, "2 promotions were begun"),
        ({"acknowledged": 3}, "only 3 writes were acknowledged, of 100"),
        ({"overlap_seconds": 4.2}, "two databases took writes at the same time, for 4.2 s"),
        ({"lost_span": (0.0, 301.0)}, "writes of 301 s are lost, promised 300"),
        ({"may_lose": False}, "3 acknowledged writes are lost, and none may be"),
        ({"troubles": ("the emulator no longer answers",)}, "the emulator no longer answers"),
        (
            {"ending": "asked", "right_endings": frozenset({"asked"}), "messages": ()},
            "nobody was told",
        ),
        (
            {"ending": "went on", "right_endings": frozenset({"went on"})},
            "3 acknowledged writes are lost, and none may be",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_R8_what_is_wrong_is_said(changed: dict[str, Any], said: str) -> None:
    """One sentence for each thing that is not as it must be."""
    assert (said,) == outcome(**changed).wrongs


def test_R8_every_fault_can_be_played_and_ends_somehow() -> None:
    """Each has a play and right endings, and nothing is accepted that is no end."""
    assert set(FAULTS) == set(faults.ALL)
    assert all(fault.endings and "neither" not in fault.endings for fault in faults.ALL.values())


def test_R8_the_matrix_has_every_step() -> None:
    """Faults that can strike at a step are played at each that they do not keep the failover from, every fault at some moments."""
    plans = matrix.plans()
    at_steps = (len(AT_A_STEP) - 1) * len(STEPS) + STEPS.index("promoted") + 1
    assert len(plans) == len({plan.title for plan in plans}) == 3 * len(FAULTS) + at_steps


def test_R8_a_seed_draws_the_same_again() -> None:
    """The same number, the same fault and moment; two hundred numbers meet every fault."""
    assert drawn(7) == drawn(7)
    assert set(FAULTS) == {drawn(seed).fault for seed in range(200)}
    assert "promote" == moment("promote")
    assert 12.5 == moment("12.5")


def test_R8_the_table_keeps_its_order(tmp_path: Path) -> None:
    """A row takes the place of the one that stood there; rows of moments that were drawn come last."""
    document = tmp_path / "failovers.md"
    document.write_text("Before\n\n<!-- rehearsed: begin -->\n<!-- rehearsed: end -->\n\nAfter\n")
    later, earlier = Plan(fault="split", at="take"), Plan(fault="dark", at="take")
    matrix.write(document, [outcome(plan=later)])
    matrix.write(document, [outcome(plan=Plan(fault="dark", at=33.3)), outcome(plan=earlier, ending="asked")])
    matrix.write(document, [outcome(plan=earlier)])
    rows = [line for line in document.read_text().splitlines() if line.startswith("| ")][2:]
    assert ["| dark | at the step take | recovered", "| split | at the step take | recovered"] == [
        " | ".join(row.split(" | ")[:3]) for row in rows
    ]
    assert rows[0].endswith("| yes |")
    document.write_text("no place")
    with pytest.raises(RehearsalError):
        matrix.write(document, [outcome()])
