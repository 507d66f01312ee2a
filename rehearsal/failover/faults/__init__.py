"""What goes wrong, and how it may end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from rehearsal.failover.ending import Ending
from rehearsal.failover.faults import automation, databases, regions, ways
from rehearsal.failover.plan import FaultName, Step
from rehearsal.failover.scene import Scene

Play = Callable[[Scene, Step | float], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`endings`: those that are right."""

    says: str
    play: Play
    endings: frozenset[Ending]
    loses_nothing: bool = False
    """Whether not one acknowledged write may be missing."""


def _fault(says: str, play: Play, *endings: Ending, loses_nothing: bool = False) -> Fault:
    return Fault(says, play, frozenset(endings), loses_nothing)


ALL: Final[Mapping[FaultName, Fault]] = {
    "dark": _fault("the active region goes dark", regions.dark, "recovered"),
    "returns": _fault(
        "the active region goes dark and comes back in the middle", regions.returns, "recovered", "went on"
    ),
    "split": _fault("the active region is cut off from everybody and lives on", ways.split, "recovered"),
    "split-from-both": _fault(
        "the active region reaches its users, but neither stand-in nor witness", ways.split_from_both, "recovered"
    ),
    "split-from-stand-in": _fault(
        "the two regions no longer reach each other", ways.split_from_stand_in, "went on", loses_nothing=True
    ),
    "split-from-cdn": _fault(
        "users no longer reach the active region, but stand-in and witness do",
        ways.split_from_cdn,
        "asked",
        "recovered",
    ),
    "split-but-witness": _fault(
        "the active region reaches neither stand-in nor users, but the witness", ways.split_but_witness, "asked"
    ),
    "flapping": _fault("the active region comes and goes", regions.flapping, "recovered", "went on"),
    "slow-death": _fault("the active region gets slower and slower, then dark", regions.slow_death, "recovered"),
    "behind": _fault(
        "the replica gets nothing for two minutes, then the active region goes dark", databases.behind, "recovered"
    ),
    "lag": _fault(
        "the replica replays nothing for longer than the recovery point, then the active region goes dark",
        databases.lag,
        "asked",
    ),
    "hanging-promotion": _fault("the promotion comes to no end", databases.hanging_promotion, "asked"),
    "no-capacity": _fault("tasks find no place in the stand-in", automation.no_capacity, "asked", "recovered"),
    "killed": _fault("the execution is killed, and started again", automation.killed, "recovered"),
    "two-alarms": _fault("the alarm rings more than once", automation.two_alarms, "recovered"),
    "witness-dark": _fault(
        "the witness goes dark: alone, or while the active region is lost",
        ways.witness_dark,
        "went on",
        "asked",
        "recovered",
    ),
    "both-dark": _fault("active region and witness go dark together", ways.both_dark, "asked"),
    "stand-in-dark": _fault(
        "the stand-in goes dark: alone, or in the middle of a failover", regions.stand_in_dark, "went on", "recovered"
    ),
    "switchover": _fault(
        "nothing: a person moves the application", automation.switchover, "recovered", loses_nothing=True
    ),
}
