"""What a rehearsal counts, and when its outcome is right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from rehearsal.release.load.record import Record
from rehearsal.release.matrix import TABLE, plans, write
from rehearsal.release.outcome import Outcome, Served, count
from rehearsal.release.prediction import Prediction

RIGHT = Outcome(
    engine="codedeploy",
    strategy="canary",
    version="errors",
    speed=8,
    served=Served(20_500, Counter({"old": 20_000, "new-errors": 460}), 40, 0, 3000, 400, 1.0, 10.0, ()),
    live=("old",),
    schema=("1", "2", "column"),
    stack_status="UPDATE_ROLLBACK_COMPLETE",
    minutes=4.0,
    rollback_minutes=3.0,
    release_objective=5,
    rollback_objective=5,
    exposed_seconds=100,
    predicted=Prediction((60, 145), (0.1, 0.4)),
    restarts=0,
)


def record(user: int, status: int, version: str, target: str = "tg0/s0", epoch: float = 1.0) -> Record:
    """One request."""
    return Record(epoch, user, status, 20.0, version, target, "/")


def test_failures_are_counted_apart_by_who_answered() -> None:
    """By the version's own header, or by its place when the load balancer answered for it; the rest is nobody's excuse."""
    served = count(
        [
            record(1, 200, "old"),
            record(2, 200, "new", epoch=2.0),
            record(2, 500, "new", epoch=4.0),
            record(3, 502, "", "tg1/s0", epoch=3.0),
            record(4, 503, "", "tg0/s0"),
            record(4, 0, "", "time-out"),
        ],
        "new",
        frozenset({"tg1/s0"}),
    )
    assert (6, 2, 2) == (served.sent, served.failed_by_new, served.failed_otherwise)
    assert (4, 2) == (served.users, served.users_met_new)
    assert (2.0, 4.0) == (served.first_met, served.last_met)


def test_a_bad_version_that_is_gone_again_is_right() -> None:
    """With the old one live, the stack settled, in time, and no more users exposed than predicted."""
    assert () == RIGHT.wrongs


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"live": ("new-errors",)}, "live at the end: new-errors"),
        ({"live": ("new-errors", "old")}, "not old alone"),
        ({"stack_status": "UPDATE_ROLLBACK_FAILED"}, "UPDATE_ROLLBACK_FAILED"),
        ({"rollback_minutes": 5.2}, "promised 5"),
        ({"version": "bad-migration"}, "half a migration has stayed"),
        ({"version": "good"}, "not new-good alone"),
        ({"restarts": 1}, "went over to a new configuration"),
        ({"served": replace(RIGHT.served, sent=19_000)}, "only 19000"),
        ({"served": replace(RIGHT.served, failed_otherwise=1)}, "1 requests failed that no bad version answered"),
        ({"served": replace(RIGHT.served, users_met_new=2000)}, "66.7% of the users met it"),
    ],
)
def test_everything_that_is_not_as_it_must_be_is_said(changed: dict[str, object], said: str) -> None:
    """Each by itself is enough."""
    assert any(said in wrong for wrong in replace(RIGHT, **changed).wrongs)  # type: ignore[arg-type]


def test_the_matrix_has_every_strategy_that_an_engine_can_do() -> None:
    """Seven ways, seven versions; none twice."""
    assert 49 == len({(plan.engine, plan.strategy, plan.version) for plan in plans()})


def test_each_outcome_has_its_place_in_the_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Over what stood there for it, between the markers alone; a series that is interrupted loses nothing."""
    file = tmp_path_factory.mktemp("docs") / "rehearsed.md"
    file.write_text(f"before\n{TABLE.begin}\nold\n{TABLE.end}\nafter\n")
    for outcome in (RIGHT, replace(RIGHT, strategy="blue_green"), RIGHT):
        write(file, [outcome])
    text = file.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| codedeploy")]
    assert ["blue_green", "canary"] == [row.split(" | ")[1] for row in rows]
    assert rows[1].startswith("| codedeploy | canary | errors | old | 20,500 | 0 | 40 | 13% | 10%-40% |")
    assert (True, True) == (
        text.startswith(f"before\n{TABLE.begin}\n| engine |"),
        text.endswith(f"|\n{TABLE.end}\nafter\n"),
    )
