"""A replica that is behind, and one whose promotion comes to no end."""

from __future__ import annotations

from typing import Final

from rehearsal.failover.faults.regions import lose
from rehearsal.failover.plan import Step
from rehearsal.failover.scene import Scene

BEHIND_SECONDS: Final = 120.0
"""Virtual: less than the recovery point."""
LAG_SECONDS: Final = 400.0
"""Virtual: more than the recovery point, whatever the moment."""


def behind(scene: Scene, at: Step | float) -> None:
    """What is written meanwhile is lost: less than the recovery point allows."""
    scene.pass_time(at if isinstance(at, float) else 0.0)
    scene.strike("the replica gets nothing any more")
    scene.stage.databases.starve(scene.stand_in)
    scene.pass_time(BEHIND_SECONDS)
    scene.struck_at = None
    scene.strike(f"{scene.home} goes dark")
    scene.dark(scene.home)


def lag(scene: Scene, at: Step | float) -> None:
    """The replica has everything and replays nothing (pg_wal_replay_pause)."""
    scene.pass_time(at if isinstance(at, float) else 0.0)
    scene.strike("the replica replays nothing any more")
    scene.stage.databases.pause_replay(scene.stand_in)
    scene.pass_time(LAG_SECONDS)
    scene.struck_at = None
    scene.strike(f"{scene.home} goes dark")
    scene.dark(scene.home)


def hanging_promotion(scene: Scene, at: Step | float) -> None:
    """From the beginning."""
    scene.stage.databases.hang(promotions=True)
    lose(scene, at)
    scene.release()
