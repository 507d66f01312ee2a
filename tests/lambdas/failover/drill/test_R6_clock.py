"""Requirement R6: the clock begins drills that are due, and says how long the last one is ago."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from drilling.world import Drilling
from failing_over.names import PREFIX
from permissions.recorded_aws import Refused

Begin = Callable[..., Drilling]


def test_R6_the_first_drill_begins_once_it_is_due(drilling: Begin) -> None:
    """Counted from when anybody looked after them for the first time."""
    world = drilling()
    assert "not_begun" in world.clock(hold=True)
    world.skip(29)
    assert "not_begun" in world.clock(hold=True)
    world.skip(1)
    assert "begun" in world.clock(hold=True)
    (begun,) = world.begun
    assert {"environment": PREFIX, "because": "every 30 days", "by": "clock"} == json.loads(begun["input"])


def test_R6_a_drill_that_was_held_by_hand_counts(drilling: Begin) -> None:
    """The next is due so many days after it."""
    world = drilling()
    world.clock()
    world.skip(20)
    assert "Held" == world.drill()
    world.skip(20)
    assert "not_begun" in world.clock(hold=True)
    world.skip(10)
    assert "begun" in world.clock(hold=True)


def test_R6_one_that_failed_is_tried_again_the_next_day(drilling: Begin) -> None:
    """Not each hour."""
    world = drilling()
    world.clock()
    world.skip(30)
    world.rds.refusal = Refused("InsufficientDBInstanceCapacity")
    assert "NotHeld" == world.drill()
    assert "not_begun" in world.clock(hold=True)
    world.skip(1)
    assert "begun" in world.clock(hold=True)


def test_R6_the_age_is_measured_for_the_alarm(drilling: Begin) -> None:
    """Each hour; a drill that failed does not make it younger, one that went through does."""
    world = drilling()
    world.clock()
    world.skip(40)
    world.clock()
    assert 40 == pytest.approx(dict(world.metrics)["DrillAgeDays"], abs=0.1)
    world.drill()
    world.clock()
    assert 0 == pytest.approx(dict(world.metrics)["DrillAgeDays"], abs=0.2)


def test_R6_without_a_rhythm_the_clock_begins_none(drilling: Begin) -> None:
    """`drill_days: null`; a person still may."""
    world = drilling(days=None)
    world.clock()
    world.skip(400)
    assert "not_begun" in world.clock(hold=True)
    assert "Held" == world.drill()


def test_R6_two_calls_on_a_day_begin_one_drill(drilling: Begin) -> None:
    """EventBridge calls at least once."""
    world = drilling()
    world.clock()
    world.skip(31)
    assert ["begun", "not_begun"] == [list(world.clock(hold=True))[1] for _ in range(2)]
    assert 1 == len(world.begun)


def test_R6_the_clock_begins_nothing_where_the_active_site_is(drilling: Begin) -> None:
    """And measures no age there, so that nothing rings."""
    world = drilling()
    world.clock()
    world.die()
    world.sleep(80)
    world.failover("failover-1")
    world.skip(31)
    world.metrics.clear()
    assert "this region is not the one that waits" == world.clock(hold=True)["not_begun"]
    assert ["DrillLeft"] == [name for name, _ in world.metrics]
