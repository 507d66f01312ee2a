"""The runbooks of a failover, worked through while users write: their own commands, word by word, in a shell."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.failover.deployed import Deployed
from rehearsal.failover.plan import Plan, Step
from rehearsal.failover.play import rehearse
from rehearsal.failover.recovery_table import RecoveryTable
from rehearsal.failover.scene import Scene
from tests.rehearsal.failover.runbook import Runbook

LOST_SECONDS = 90.0
"""Virtual: until two signals agree."""
Read = Callable[..., Runbook]


@pytest.fixture
def read(regions: Deployed, tmp_path: Path) -> Read:
    """Opens a runbook at the beginning of a rehearsal: home is active."""

    def opened(name: str, active: str, other: str) -> Runbook:
        exported = {active: regions.home, other: regions.stand_in}
        return Runbook(name, regions, tmp_path, {**exported, "AWS_REGION": regions.stand_in})

    return opened


def approved_by_people(deployed: Deployed) -> None:
    """What the template writes where the spec says `failover: approval`."""
    name = f"/{deployed.wanted.prefix}/failover"
    ssm = deployed.apis(deployed.stand_in)
    plan = json.loads(ssm.call("ssm", "get_parameter", {"Name": name})["Parameter"]["Value"])
    changed = {"Name": name, "Value": json.dumps({**plan, "approval": True}), "Overwrite": True}
    ssm.call("ssm", "put_parameter", changed)


def _without_starter(scene: Scene) -> None:
    """The function that the alarm calls is gone."""
    functions = scene.apis(scene.stand_in).call("lambda", "list_functions", {})["Functions"]
    (name,) = (one["FunctionName"] for one in functions if one["Handler"].startswith("failover.start"))
    scene.apis(scene.stand_in).call("lambda", "delete_function", {"FunctionName": name})


@pytest.mark.full
def test_R5_somebody_is_asked_and_approves(regions: Deployed, read: Read) -> None:
    """Where are you; it waits for an answer; and what stands there about the last failover afterwards."""
    book = read("fail-over.md", "ACTIVE", "WAITING")
    prefix = regions.wanted.prefix

    def people(scene: Scene, _: Step | float) -> None:
        (first,) = book.blocks("")
        assert f"{scene.home} holds the lease" in book.run(first) or scene.home in book.run(first)
        scene.strike(f"{scene.home} goes dark")
        scene.dark(scene.home)
        table = RecoveryTable(regions.apis, prefix)
        assert scene.wait_for("a question", lambda: table.item(scene.stand_in, "question") is not None)
        assert "the spec wants a person's approval" in book.run(first)
        (answers,) = book.blocks("It waits for an answer")
        approve, _refuse = answers.splitlines()
        assert f"{scene.stand_in}, instead of {scene.home}" in book.run(approve, typed=f"{prefix}\n")
        how_far, _again = book.blocks("An execution died")
        assert "done" in book.run(how_far)
        by_api = book.blocks("Without the command")[0].splitlines()
        assert "SUCCEEDED" in book.run("\n".join(by_api[:3]))

    outcome = rehearse(regions, Plan(), tell=lambda _: None, spoil=approved_by_people, hands=people)
    assert () == outcome.wrongs, outcome


@pytest.mark.full
def test_R5_somebody_fails_over_by_hand_where_nothing_happens(regions: Deployed, read: Read) -> None:
    """Nobody but a person begins it."""
    book = read("fail-over.md", "ACTIVE", "WAITING")
    prefix = regions.wanted.prefix

    def people(scene: Scene, _: Step | float) -> None:
        _without_starter(scene)
        scene.strike(f"{scene.home} goes dark")
        scene.dark(scene.home)
        scene.pass_time(LOST_SECONDS)
        assert [] == scene.executions()
        (command,) = book.blocks("Fail over by hand")
        said = book.run(command, typed=f"{prefix}\n", fill={"<what you see>": "it does not answer"})
        assert f"{scene.stand_in}, instead of {scene.home}" in said

    outcome = rehearse(regions, Plan(), tell=lambda _: None, hands=people)
    assert () == outcome.wrongs, outcome


@pytest.mark.full
def test_R5_somebody_changes_regions_as_planned(regions: Deployed, read: Read) -> None:
    """Nothing is lost, and it says so."""
    book = read("fail-back.md", "ACTIVE", "RETURNING")
    prefix = regions.wanted.prefix

    def people(scene: Scene, _: Step | float) -> None:
        (first,) = book.blocks("")
        book.run(first)
        scene.strike("somebody changes regions as planned")
        (command,) = book.blocks("Change over")
        said = book.run(command, typed=f"{prefix}\n", fill={"<why now>": "a rehearsal"})
        assert f"{scene.stand_in}, instead of {scene.home}" in said
        assert "0.0 s of writes at the most" in said

    outcome = rehearse(regions, Plan(fault="switchover"), tell=lambda _: None, hands=people)
    assert () == outcome.wrongs, outcome
