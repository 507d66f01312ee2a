"""Every strategy, engine and version, and the table of what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rehearsal.release.outcome import Outcome
from rehearsal.release.plan import Plan
from rehearsal.release.versions import VERSIONS
from rehearsal.table import Table
from spec.release import Engine, Strategy

SPEED: Final = 6.0
"""Five minutes in fifty seconds. Faster, and a function's start on a small machine is no longer short beside a hook's limit."""

WAYS: Final[tuple[tuple[Engine, Strategy], ...]] = (
    ("codedeploy", "blue_green"),
    ("codedeploy", "canary"),
    ("codedeploy", "linear"),
    ("ecs", "rolling"),
    ("ecs", "blue_green"),
    ("ecs", "canary"),
    ("ecs", "linear"),
)
"""What each engine can do."""

COLUMNS: Final = (
    "engine",
    "strategy",
    "version",
    "live at the end",
    "requests",
    "failed",
    "failed by the bad version",
    "users who met it",
    "predicted",
    "for",
    "predicted",
    "minutes",
    "rolled back in",
    "right",
)


ORDER: Final = tuple((engine, strategy, version) for engine, strategy in WAYS for version in VERSIONS)
"""Of the table's rows, by what stands in their first three columns."""


def plans(speed: float = SPEED) -> tuple[Plan, ...]:
    """All of them."""
    return tuple(
        Plan(engine=engine, strategy=strategy, version=version, speed=speed)
        for engine, strategy in WAYS
        for version in VERSIONS
    )


TABLE: Final = Table(COLUMNS, keys=3, order=ORDER)


def write(file: Path, outcomes: Sequence[Outcome]) -> None:
    """Put the outcomes into the table between the file's markers: each in its place, over what stood there.

    Raises:
        RehearsalError: the file has no such place.
    """
    TABLE.write(file, map(_row, outcomes))


def _row(outcome: Outcome) -> tuple[str, ...]:
    served, predicted = outcome.served, outcome.predicted
    bad = not outcome.good
    back = outcome.rollback_minutes
    return (
        outcome.engine,
        outcome.strategy,
        outcome.version,
        ", ".join(outcome.live),
        f"{served.sent:,}",
        str(served.failed_otherwise),
        str(served.failed_by_new) if bad else "",
        f"{outcome.share_of_users:.0%}" if bad else "",
        f"{predicted.users[0]:.0%}-{predicted.users[1]:.0%}" if bad else "",
        f"{outcome.exposed_seconds:.0f} s" if bad else "",
        f"{predicted.seconds[0]:.0f}-{predicted.seconds[1]:.0f} s" if bad else "",
        f"{outcome.minutes:.1f}",
        "" if back is None else f"{back:.1f}",
        "**no**: " + "; ".join(outcome.wrongs) if outcome.wrongs else "yes",
    )
