"""Every fault at every moment at which it can strike, and the table of what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import AT_A_STEP, FAULTS, SPEED, STEPS, Plan
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


def plans(speed: float = SPEED) -> tuple[Plan, ...]:
    """All of them."""
    return tuple(
        Plan(fault=fault, at=at, speed=speed)
        for fault in FAULTS
        for at in (*RANDOM, *(STEPS if fault in AT_A_STEP else ()))
    )


ORDER: Final = tuple((plan.fault, plan.when) for plan in plans())
TABLE: Final = Table(COLUMNS, keys=2, order=ORDER)


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
        "**no**: " + "; ".join(outcome.wrongs) if outcome.wrongs else "yes",
    )


def wrong(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that were not right."""
    return [outcome for outcome in outcomes if outcome.wrongs]
