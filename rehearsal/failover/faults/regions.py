"""Regions that go dark, for good or for a while, and one that dies slowly."""

from __future__ import annotations

from typing import Final

from rehearsal.failover.plan import Step
from rehearsal.failover.scene import Scene

BLINKS: Final = ((25.0, 40.0), (10.0, 30.0), (45.0, 60.0), (15.0, 90.0))
"""Virtual seconds without and with the region."""
SLOWER: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Virtual seconds more for an answer, one after the other, each for half a minute."""


def lose(scene: Scene, at: Step | float) -> None:
    """Have the active region dark; with a step, wait until the failover that follows is held at it."""
    if isinstance(at, float):
        scene.pass_time(at)
    else:
        scene.hold(at)
    scene.strike(f"{scene.home} goes dark")
    scene.dark(scene.home)
    if not isinstance(at, float):
        scene.held(at)


def dark(scene: Scene, at: Step | float) -> None:
    """The active region, at some moment or at a step of a switchover that a person has begun."""
    if isinstance(at, float):
        lose(scene, at)
        return
    scene.held_in_switchover(at)
    scene.strike(f"{scene.home} goes dark in a switchover, at {at}")
    scene.dark(scene.home)
    scene.release()


def returns(scene: Scene, at: Step | float) -> None:
    """Dark at once; back at some moment later, or at a step."""
    if isinstance(at, float):
        lose(scene, 0.0)
        scene.pass_time(at * 3)
    else:
        lose(scene, at)
    scene.strike(f"{scene.home} is back")
    scene.light(scene.home)
    scene.release()


def flapping(scene: Scene, at: Step | float) -> None:
    """It comes and goes, and stays in the end."""
    scene.pass_time(at if isinstance(at, float) else 0.0)
    for without, there in BLINKS:
        scene.strike(f"{scene.home} goes dark")
        scene.dark(scene.home)
        scene.pass_time(without)
        scene.strike(f"{scene.home} is back")
        scene.light(scene.home)
        scene.pass_time(there)


def slow_death(scene: Scene, at: Step | float) -> None:
    """Every answer of the region takes longer, then none comes."""
    scene.pass_time(at if isinstance(at, float) else 0.0)
    for seconds in SLOWER:
        scene.strike(f"{scene.home} answers {seconds:g} s later")
        scene.stage.relays.slow({scene.home: seconds})
        scene.pass_time(30.0)
    scene.strike(f"{scene.home} goes dark")
    scene.dark(scene.home)
    scene.stage.relays.slow({})


def stand_in_dark(scene: Scene, at: Step | float) -> None:
    """The waiting region: alone for a while, or for a minute in the middle of a failover."""
    if isinstance(at, float):
        scene.pass_time(at)
        scene.strike(f"{scene.stand_in} goes dark")
        scene.dark(scene.stand_in)
        scene.pass_time(180.0)
    else:
        lose(scene, at)
        scene.strike(f"{scene.stand_in} goes dark at {at}")
        scene.dark(scene.stand_in)
        scene.release()
        scene.pass_time(60.0)
    scene.strike(f"{scene.stand_in} is back")
    scene.light(scene.stand_in)
