"""Requirement R2: moments in which a protocol with less care would let both sites write, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from leasing.interleaving import Process
from leasing.world import HOME, LEASE_SECONDS, STAND_IN, THIRD, World, playing

from region_guard.action import Beat, Fence
from shared import lease
from shared.handover import Handover
from shared.lease import CLOCK_SKEW_SECONDS, NotYet, Taken

CUT_OFF = {(HOME, STAND_IN), (HOME, THIRD), (STAND_IN, HOME)}


@pytest.fixture
def world() -> Iterator[World]:
    """The home is active, and all is well."""
    with playing(World()) as made:
        whole(made.looking(HOME))
        made.replicate()
        yield made


def whole(process: Process) -> Any:
    """Without anything in between."""
    while not process.over:
        process.step()
    return process.result


def until(process: Process, name: str) -> Process:
    """Stop before the first thing that the process does to the table or database `name`."""
    while process.before != name:
        process.step()
    return process


def lost(world: World) -> None:
    """The home is cut off until its lease is over."""
    world.cut = set(CUT_OFF)
    world.now += LEASE_SECONDS + CLOCK_SKEW_SECONDS + 0.1


def test_R2_a_site_that_was_cut_off_is_replaced_and_stays_out(world: World) -> None:
    """Logins end by themselves, before the other site's begin; when it comes back it is fenced."""
    lost(world)
    assert not world.lets_in(HOME)
    assert Taken(2) == whole(world.taking(STAND_IN))
    assert not world.lets_in(STAND_IN)
    world.promote(STAND_IN)
    assert isinstance(whole(world.looking(STAND_IN)).action, Beat)
    assert world.lets_in(STAND_IN)
    assert Fence("blind", 1) == whole(world.looking(HOME)).action
    world.cut.clear()
    assert Fence("taken") == whole(world.looking(HOME)).action
    assert not world.lets_in(HOME)


@pytest.mark.parametrize(
    "missing", [{(HOME, STAND_IN), (STAND_IN, HOME)}, {(HOME, THIRD)}], ids=["stand-in", "witness"]
)
def test_R2_losing_one_place_alone_fences_nothing(world: World, missing: set[tuple[str, str]]) -> None:
    """However long it lasts; and the other site takes nothing."""
    world.cut = missing
    for _ in range(60):
        world.now += 5
        assert isinstance(whole(world.looking(HOME)).action, Beat)
        assert world.lets_in(HOME)
        assert not isinstance(whole(world.taking(STAND_IN)), Taken)


def test_R2_a_free_lease_is_taken_within_its_time_and_the_margin(world: World) -> None:
    """Asked once in a second."""
    world.cut = set(CUT_OFF)
    began = world.now
    while not isinstance(whole(world.taking(STAND_IN)), Taken):
        world.now += 1
    assert world.now - began <= LEASE_SECONDS + CLOCK_SKEW_SECONDS + 1


def test_R2_a_look_that_began_before_a_handover_lifts_no_fence(world: World) -> None:
    """It had its lease renewed, and meant to give logins another end, when the site was fenced."""
    world.now += 5
    late = until(world.looking(HOME), "beat")
    world.requests[HOME] = Handover("execution", STAND_IN, world.now + 600)
    assert Fence("handover", 1) == whole(world.looking(HOME)).action
    world.replicate()
    world.now += 2 * CLOCK_SKEW_SECONDS + 0.1
    # The late look's renewal stands at the places, unless the surrender followed it.
    while not isinstance(whole(world.taking(STAND_IN)), Taken):
        world.now += 1
        whole(world.looking(HOME))
    world.promote(STAND_IN)
    whole(world.looking(STAND_IN))
    assert world.lets_in(STAND_IN)
    whole(late)
    assert not world.lets_in(HOME)


def test_R2_a_handover_takes_no_longer_than_clocks_differ(world: World) -> None:
    """The lease is surrendered as soon as nobody writes."""
    world.now += 5
    world.requests[HOME] = Handover("execution", STAND_IN, world.now + 600)
    whole(world.looking(HOME))
    assert "0/1" == world.requests[HOME].position
    world.now += CLOCK_SKEW_SECONDS + 0.1
    assert Taken(2) == whole(world.taking(STAND_IN))


def test_R2_a_handover_that_came_to_nothing_is_undone(world: World) -> None:
    """The home's guard has the lease renewed again, and lifts the fence."""
    world.requests[HOME] = Handover("execution", STAND_IN, world.now + 600)
    whole(world.looking(HOME))
    assert not world.lets_in(HOME)
    del world.requests[HOME]
    whole(world.looking(HOME))
    assert world.lets_in(HOME)


def test_R2_between_promise_and_take_the_witness_grants_nothing(world: World) -> None:
    """The home reaches the witness again in that moment, and not the stand-in's table."""
    lost(world)
    taking = world.taking(STAND_IN)
    until(until(taking, THIRD), STAND_IN)
    world.cut = {(HOME, STAND_IN)}
    assert frozenset() == whole(world.looking(HOME)).granted
    assert Taken(2) == whole(taking)
    world.promote(STAND_IN)
    whole(world.looking(STAND_IN))
    assert world.lets_in(STAND_IN)
    assert not world.lets_in(HOME)


def test_R2_a_promise_is_withdrawn_only_by_who_was_granted_something_elsewhere(world: World) -> None:
    """The same moment, with both within reach: the take has failed already, and everything is as before."""
    lost(world)
    taking = world.taking(STAND_IN)
    until(until(taking, THIRD), STAND_IN)
    world.cut.clear()
    assert {"peer"} == whole(world.looking(HOME)).granted
    assert {"peer", "witness"} == whole(world.looking(HOME)).granted
    assert isinstance(whole(taking), NotYet)
    assert world.lets_in(HOME)


def test_R2_a_take_is_given_back_before_the_promotion(world: World) -> None:
    """The home goes on, with an epoch of its own."""
    lost(world)
    whole(world.taking(STAND_IN))
    whole(world.looking(STAND_IN))
    world.cut.clear()
    assert whole(world.giving_back(STAND_IN))
    report = whole(world.looking(HOME))
    assert 3 == report.standing.epoch
    assert world.lets_in(HOME)
    assert "other" == whole(world.looking(STAND_IN)).standing.role


def test_R2_both_take_the_lease(world: World) -> None:
    """The home would have it back in the moment in which the stand-in takes it: one of them is granted something."""
    lost(world)
    world.cut.clear()
    first, second = world.taking(STAND_IN), world.taking(HOME)
    until(until(first, THIRD), STAND_IN)
    whole(second)
    whole(first)
    for _ in range(3):
        whole(world.looking(STAND_IN))
        whole(world.looking(HOME))
    holders = {
        each for each in (HOME, STAND_IN) if lease.tenure(each, [table.lease for table in world.tables.values()])
    }
    assert holders
    world.promote(STAND_IN)
    for _ in range(3):
        whole(world.looking(STAND_IN))
        whole(world.looking(HOME))
    assert 1 == sum(world.lets_in(each) for each in (HOME, STAND_IN))


def test_R2_without_a_witness_a_split_fences_nobody() -> None:
    """Neither the home, which cannot see the other; nor do logins end."""
    with playing(World(witnessed=False)) as world:
        whole(world.looking(HOME))
        world.replicate()
        lost(world)
        assert Beat(1, float("inf"), lift=True) == whole(world.looking(HOME)).action
        assert world.lets_in(HOME)
        # A person has approved: from then on two may write, until the home sees it.
        assert Taken(2) == whole(world.taking(STAND_IN))
        world.cut.clear()
        assert Fence("taken") == whole(world.looking(HOME)).action
        world.promote(STAND_IN)
        whole(world.looking(STAND_IN))
        assert (False, True) == (world.lets_in(HOME), world.lets_in(STAND_IN))
