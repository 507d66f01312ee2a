"""A failover that is itself disturbed: killed, begun twice, without room; and one that is merely planned."""

from __future__ import annotations

from typing import Final

from rehearsal.failover.faults.regions import lose
from rehearsal.failover.plan import Step
from rehearsal.failover.scene import Scene

AGAIN_SECONDS: Final = 20.0
"""Virtual: until somebody has noticed that it was killed."""


def no_capacity(scene: Scene, at: Step | float) -> None:
    """No task starts in the stand-in; those that run, run on."""
    scene.stage.sites[scene.stand_in].capacity(there=False)
    lose(scene, at if isinstance(at, float) else 0.0)


def killed(scene: Scene, at: Step | float) -> None:
    """At a step, or some time after it began; then somebody starts it again."""
    if isinstance(at, str):
        lose(scene, at)
    else:
        lose(scene, 0.0)
        scene.wait_for("a failover to begin", lambda: bool(scene.executions()))
        scene.pass_time(at)
    scene.strike(f"{len(scene.stop_executions())} executions are killed")
    scene.release()
    scene.pass_time(AGAIN_SECONDS)
    if not scene.executions():
        scene.ring()


def two_alarms(scene: Scene, at: Step | float) -> None:
    """Three calls more, two of them at the same moment."""
    lose(scene, at)
    if isinstance(at, float):
        scene.wait_for("a failover to begin", lambda: bool(scene.executions()))
    scene.strike("the alarm rings twice more")
    scene.ring()
    scene.ring()
    scene.release()
    scene.pass_time(AGAIN_SECONDS)
    scene.ring()


def switchover(scene: Scene, at: Step | float) -> None:
    """Planned: nobody loses anything."""
    scene.pass_time(at if isinstance(at, float) else 0.0)
    scene.strike("a person begins a switchover")
    scene.start("switchover", "rehearsal")
