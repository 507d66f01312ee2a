"""Every fault at every moment at which it can strike, and the table of what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import FAULTS, SPEED, STEPS, FaultName, Plan, steps_of
from rehearsal.table import Table

COLUMNS: Final = (
    "fault",
    "when",
    "ended",
    "users served again after",
    "acknowledged",
    "lost",
    "of",
    "two databases at once",
    "promotions",
    "right",
)
RANDOM: Final = (0.0, 17.0, 41.0)
"""Virtual seconds: moments of those that strike at no step, here and there in a lease, a heartbeat and a probe."""
RIGHT: Final = "yes"


def plans(speed: float = SPEED) -> tuple[Plan, ...]:
    """All of them, in the order of the table."""
    return tuple(Plan(fault=fault, at=at, speed=speed) for fault in FAULTS for at in (*RANDOM, *steps_of(fault)))


def played_in_order(of: Iterable[Plan]) -> list[Plan]:
    """Each fault once before any of them comes twice, at a moment and at a step in turn: who interrupts a series has seen most."""
    rounds: dict[FaultName, list[Plan]] = {}
    for plan in of:
        rounds.setdefault(plan.fault, []).append(plan)
    turns = [_in_turn(plans) for plans in rounds.values()]
    return [plan for one in zip_longest(*turns) for plan in one if plan is not None]


def _in_turn(found: Sequence[Plan]) -> list[Plan]:
    moments = [plan for plan in found if not isinstance(plan.at, str)]
    steps = [plan for plan in found if isinstance(plan.at, str)]
    # From the point of no return on first, where there is no way back; then from the first step on.
    middle = STEPS.index("promote") * len(steps) // len(STEPS)
    turned = [*steps[middle:], *steps[:middle]]
    return [plan for pair in zip_longest(moments, turned) for plan in pair if plan is not None]


def _says(rows: Sequence[Sequence[str]]) -> str:
    played = [row for row in rows if (row[0], row[1]) in ORDER]
    wrong = sum(row[-1] != RIGHT for row in played)
    ending = f"; {wrong} of them came out wrong" if wrong else ""
    missing = len(ORDER) - len(played)
    left = f" The other {missing} have not been played yet, and stand nowhere." if missing else ""
    return f"{len(played)} of {len(ORDER)} have been played{ending}.{left}"


ORDER: Final = tuple((plan.fault, plan.when) for plan in plans())
TABLE: Final = Table(COLUMNS, keys=2, order=ORDER, says=_says)


def right_in(file: Path) -> set[tuple[str, str]]:
    """Faults and moments that the table in the file has, with the right outcome. Raises RehearsalError where it has no place."""
    return {(row[0], row[1]) for row in TABLE.read(file) if row[-1] == RIGHT}


def write(file: Path, outcomes: Sequence[Outcome]) -> None:
    """Put the outcomes into the table between the file's markers: each in its place, over what stood there.

    Raises:
        RehearsalError: the file has no such place.
    """
    TABLE.write(file, map(row, outcomes))


def row(outcome: Outcome) -> tuple[str, ...]:
    """One line of the table."""
    recovery = outcome.recovery_seconds
    return (
        outcome.plan.fault,
        outcome.plan.when,
        outcome.ending,
        "not" if recovery is None else f"{recovery / 60:.1f} min" if recovery else "always",
        f"{outcome.acknowledged:,}",
        str(outcome.lost),
        f"{outcome.lost_seconds:.1f} s" if outcome.lost else "",
        "never" if outcome.overlap_seconds <= 0 else f"{outcome.overlap_seconds:.1f} s",
        str(outcome.promotions),
        "**no**: " + "; ".join(outcome.wrongs) if outcome.wrongs else RIGHT,
    )


def wrong(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that were not right."""
    return [outcome for outcome in outcomes if outcome.wrongs]
