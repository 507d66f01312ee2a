"""`understudy rehearse-failover`: what is played, by what is asked for; nothing of it is deployed here."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import rehearse_failover
from cli.main import app
from rehearsal.failover import matrix
from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import STEPS, Plan
from tests.rehearsal.failover.outcomes import outcome


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """What would be played; each comes out right."""
    found: list[Plan] = []

    def play(plans: list[Plan], *_: object) -> list[Outcome]:
        found.extend(plans)
        return [outcome(plan=plan) for plan in plans]

    monkeypatch.setattr(rehearse_failover, "_played", play)
    return found


def run(*arguments: str) -> int:
    """The exit code."""
    return CliRunner().invoke(app, ["rehearse-failover", *arguments]).exit_code


def test_R8_one_failover_is_played(played: list[Plan]) -> None:
    """The region goes dark at once, unless something else is said."""
    assert 0 == run()
    assert 0 == run("--fault", "killed", "--at", "take", "--speed", "4")
    assert [Plan(), Plan(fault="killed", at="take", speed=4.0)] == played


def test_R8_a_series_is_drawn_by_consecutive_numbers(played: list[Plan]) -> None:
    """So that one that came out wrong can be played alone; without a number, by any."""
    assert 0 == run("--seed", "7", "--runs", "3")
    assert [7, 8, 9] == [plan.seed for plan in played]
    alone = list(played)
    played.clear()
    run("--seed", "8")
    assert [alone[1]] == played
    played.clear()
    run("--runs", "2")
    first, second = (plan.seed for plan in played)
    assert None not in (first, second)
    assert 1 == (second or 0) - (first or 0)


def test_R8_a_series_of_all_plays_what_the_table_lacks(played: list[Plan], tmp_path: Path) -> None:
    """Of one fault, where one is named; nothing, once it is whole."""
    file = tmp_path / "failovers.md"
    file.write_text("<!-- rehearsed: begin -->\n<!-- rehearsed: end -->\n")
    matrix.write(file, [outcome(plan=Plan(fault="killed", at="take"))])
    asked = ("--all", "--fault", "killed", "--write", str(file))
    assert 0 == run(*asked)
    assert {"killed"} == {plan.fault for plan in played}
    assert {0.0, 17.0, 41.0, *STEPS} - {"take"} == {plan.at for plan in played}
    matrix.write(file, [outcome(plan=plan) for plan in played])
    played.clear()
    assert 0 == run(*asked)
    assert [] == played


@pytest.mark.parametrize("arguments", [("--at", "soon"), ("--all", "--fault", "lag", "--at", "take")])
def test_R8_a_moment_that_is_none_is_refused(played: list[Plan], arguments: tuple[str, ...]) -> None:
    """Before anything is deployed."""
    assert 2 == run(*arguments)
    assert [] == played
