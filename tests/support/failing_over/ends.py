"""How a failover may leave the world: as it was, or taken over. Nothing in between."""

from __future__ import annotations

from failing_over.names import FULL, HOME, THERE, WITNESS
from failing_over.world import World


def unlocked(world: World) -> bool:
    """Whether another execution could begin: nobody has the lock, or who has it has ended."""
    return world.executions.get(world.item("lock").get("execution", "")) != "RUNNING"


def changed_nothing(world: World) -> bool:
    """Whether everything is as if nobody had ever tried."""
    return (
        world.promotions == 0
        and world.active == HOME
        and all(world.lease(region).holder == HOME for region in (THERE, WITNESS))
        and world.tables.lease(WITNESS).read().promised_to is None  # type: ignore[union-attr]
        and not world.item("handover", HOME)
        and unlocked(world)
        and world.item("failover").get("state") in {None, "undone"}
        and set(world.desired.values()) == {0}
        and not world.files_ended
    )


def taken_over(world: World, *, files: bool = True) -> bool:
    """Whether the waiting region is the active one, whole and by itself; `files`: its files too."""
    return (
        world.promotions >= 1
        and world.active == THERE
        and world.writes_there
        and world.desired == FULL
        and unlocked(world)
        and world.item("failover")["state"] == "done"
        and not world.ever_two
        and (not (files and world.files) or len(world.files_ended) == 1)
    )
