"""Ways between regions that are lost, while the regions live."""

from __future__ import annotations

from rehearsal.failover.faults.regions import lose
from rehearsal.failover.plan import Step
from rehearsal.failover.scene import Scene
from rehearsal.reach import OUTSIDE


def split(scene: Scene, at: Step | float) -> None:
    """The active region reaches nobody and nobody reaches it; what runs inside runs on. At a step: of a switchover."""
    if isinstance(at, str):
        scene.held_in_switchover(at)
    _split(scene, at, scene.stand_in, scene.witness, OUTSIDE)
    scene.release()


def split_from_both(scene: Scene, at: Step | float) -> None:
    """Users still reach it, so it must stop by itself."""
    _split(scene, at, scene.stand_in, scene.witness)


def split_from_stand_in(scene: Scene, at: Step | float) -> None:
    """For five minutes: the witness says that all is well."""
    _split(scene, at, scene.stand_in)
    scene.pass_time(300.0)
    scene.strike("the regions reach each other again")
    scene.mend()


def split_from_cdn(scene: Scene, at: Step | float) -> None:
    """One signal alone, for whoever looks from the stand-in."""
    _split(scene, at, OUTSIDE)


def split_but_witness(scene: Scene, at: Step | float) -> None:
    """It keeps its lease at the witness, so nobody may take it; and its users do not reach it."""
    _split(scene, at, scene.stand_in, OUTSIDE)


def witness_dark(scene: Scene, at: Step | float) -> None:
    """Alone for some minutes; or at a step of a failover, and back a minute later."""
    if isinstance(at, float):
        scene.pass_time(at)
        scene.strike(f"the witness, {scene.witness}, goes dark")
        scene.dark(scene.witness)
        scene.pass_time(240.0)
    else:
        lose(scene, at)
        scene.strike(f"the witness, {scene.witness}, goes dark at {at}")
        scene.dark(scene.witness)
        scene.release()
        scene.pass_time(60.0)
    scene.strike(f"the witness, {scene.witness}, is back")
    scene.light(scene.witness)


def both_dark(scene: Scene, at: Step | float) -> None:
    """Nobody can promise the stand-in anything."""
    scene.pass_time(at if isinstance(at, float) else 0.0)
    scene.strike(f"{scene.home} and the witness, {scene.witness}, go dark")
    scene.dark(scene.home, scene.witness)


def _split(scene: Scene, at: Step | float, *others: str) -> None:
    scene.pass_time(at if isinstance(at, float) else 0.0)
    scene.strike(f"{scene.home} and {', '.join(others)} no longer reach each other")
    scene.split(scene.home, *others)
