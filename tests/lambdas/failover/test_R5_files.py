"""Requirement R5: the files of a region that takes over take writes, and keep nobody waiting who can do without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from failing_over.ends import taken_over
from failing_over.names import BEGIN
from failing_over.world import World

Begin = Callable[..., World]


@pytest.mark.parametrize(
    ("mode", "deletion"), [("failover", "LOCAL_CONFIGURATION_ONLY"), ("switchover", "ALL_CONFIGURATIONS")]
)
def test_R5_files_are_let_go_once_there_is_no_way_back(begin: Begin, mode: str, deletion: str) -> None:
    """From this side alone where the other region may be gone; the report says how old they are."""
    world = begin(lost=mode == "failover")
    before: list[list[str]] = []
    world.when("PointOfNoReturn", lambda: before.append(list(world.files_ended)))
    assert "FailedOver" == world.failover(mode=mode, by="somebody")
    assert [[]] == before
    assert [deletion] == world.files_ended
    as_of = datetime.fromtimestamp(BEGIN + 60, UTC).isoformat(timespec="milliseconds")
    assert as_of == world.report["files_as_of"]
    assert f"Files are as they were at {as_of}." in world.messages[-1][1]
    assert world.files_ended_at is not None
    assert world.files_ended_at <= world.now


@pytest.mark.parametrize("given", [{"files_end_seconds": 1e9}, {"files_refused": True}], ids=["takes long", "refuses"])
def test_R5_users_do_not_wait_for_files_for_ever(begin: Begin, given: dict[str, float | bool]) -> None:
    """As long as the promotion may take, counted from its beginning; then the report says what is missing."""
    world = begin(**given)
    assert "FailedOver" == world.failover()
    assert taken_over(world, files=not world.files_refused)
    record = world.item("failover")
    assert 300 <= record["ended_files"] - record["ended_promote"] < 320
    assert "files cannot be written yet" in world.report["notes"]
    assert 1 == world.report["notes"].count("files")


def test_R5_an_environment_without_files_asks_nobody(begin: Begin) -> None:
    """And its report says nothing about them."""
    world = begin(files=False)
    assert "FailedOver" == world.failover()
    assert taken_over(world)
    assert [] == world.files_ended
    assert None is world.report["files_as_of"]
    assert "Files" not in world.messages[-1][1]
