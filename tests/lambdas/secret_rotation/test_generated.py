"""Generated values: whoever is one rotation behind or ahead agrees with everybody."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from killing import Killed, watched
from rotation.world import World

from secret_rotation.generated import Generated
from shared import clock
from shared.told import Told


def accepted(value: dict[str, Any]) -> set[str]:
    """What a consumer that holds `value` takes as signed."""
    return {value["value"], value["next"], value["previous"]}


def test_a_rotation(world: World) -> None:
    """What was announced is used, another is announced, and what was used is accepted for one more."""
    world.begin_generated(value="first", next="second", previous="zeroth", kept="yes")
    world.rotate()
    value = world.secrets.value(world.arn)
    assert ("second", "first", "yes") == (value["value"], value["previous"], value["kept"])
    assert 32 == len(value["next"])
    assert world.secrets.labelled(world.arn, "AWSPENDING") is None
    assert {"status": "SUCCEEDED"} == world.retire()


def test_a_value_that_announces_nothing(world: World) -> None:
    """As CloudFormation makes it: its first rotation only announces, as nobody would accept anything else."""
    world.begin_generated(value="first")
    world.rotate()
    value = world.secrets.value(world.arn)
    assert ("first", "first") == (value["value"], value["previous"])
    announced = value["next"]
    world.rotate()
    assert announced == world.secrets.value(world.arn)["value"]


def test_a_task_two_rotations_behind(world: World) -> None:
    """Would refuse what the newest signs, so the second rotation waits for it."""
    world.begin_generated()
    world.tasks = [clock.epoch() + 1]
    world.moved += 10
    world.rotate()
    assert "WAITING" == world.retire()["status"]
    with pytest.raises(Told, match="have to be replaced first"):
        world.resume()
    world.replace_tasks()
    world.resume()


@pytest.mark.parametrize("value", [{}, {"value": ""}, {"value": 1}])
def test_no_value(world: World, value: dict[str, Any]) -> None:
    """Says so."""
    world.begin_generated(kept="yes", **value)
    with pytest.raises(Told, match="holds no value"):
        world.rotate()


def test_a_value_that_was_changed_by_hand(world: World) -> None:
    """What is pending for another one is given up: nobody has announced it."""
    world.begin_generated()
    token = world.secrets.begin(world.arn)
    world.step("createSecret", token)
    world.secrets.put(world.arn, {"value": "by-hand", "next": "announced", "previous": "by-hand"})
    with pytest.raises(Told, match="was given up"):
        world.step("setSecret", token)
    world.resume()
    assert "announced" == world.secrets.value(world.arn)["value"]


@pytest.mark.parametrize("length", [16, 64])
def test_its_length(length: int) -> None:
    """Is the template's."""
    following = Generated(length).following({"value": "a", "next": "b", "previous": "c"})
    assert length == len(following["next"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(attempts=st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_any_rotations_kills_and_retries(world: World, attempts: list[tuple[int, bool, bool]]) -> None:
    """Each value that becomes current was announced by the one before, and accepts what that one signed.

    `attempts`: at which call each dies, before or after it, and whether the next resumes it or begins another.
    """
    world.begin_generated()
    seen = [world.secrets.value(world.arn)]

    def look() -> None:
        value = world.secrets.value(world.arn)
        if value != seen[-1]:
            seen.append(value)

    for kill_at, after, resumed in attempts:
        try:
            with watched(kill_at, after=after):
                world.resume() if resumed else world.rotate()
        except Killed:
            pass
        look()
    world.resume()
    look()
    assert len(seen) > 1
    for before, now in pairwise(seen):
        assert (before["next"], before["value"]) == (now["value"], now["previous"])
        assert now["value"] in accepted(before)
        assert before["value"] in accepted(now)
    assert world.secrets.labelled(world.arn, "AWSPENDING") is None
