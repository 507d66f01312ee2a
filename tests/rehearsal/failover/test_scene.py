"""What a fault may wait for: one that does not strike where it should is not played."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.clock import Clock
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.happenings import Happenings
from rehearsal.failover.scene import Scene
from rehearsal.failover.stage import Stage
from rehearsal.failure import RehearsalError
from rehearsal.release.timeline import Timeline

FAST = 5000.0


def scene_with(entries: list[dict[str, Any]]) -> Scene:
    """A scene of which `entries` are told."""
    recovery = SimpleNamespace(witness_region="us-east-2")
    deployed = SimpleNamespace(
        emulator=SimpleNamespace(tell=lambda **_told: None),
        apis=None,
        home="us-west-2",
        stand_in="us-east-1",
        wanted=SimpleNamespace(recovery=recovery, prefix="storefront-prod"),
    )
    told = SimpleNamespace(
        of=lambda kind, since: [one for one in entries if one["kind"] == kind and one["epoch"] >= since]
    )
    stage = SimpleNamespace(clock=Clock.started_now(FAST))
    return Scene(cast("Stage", stage), cast("Happenings", told), cast("Timeline", None), cast("Deployed", deployed))


def test_R8_a_step_that_no_failover_comes_to_is_no_play() -> None:
    """What was held before, or somewhere else, does not count."""
    entries = [{"kind": "held", "text": "Take", "epoch": 0.0}]
    scene = scene_with(entries)
    scene.hold("take")
    entries.append({"kind": "held", "text": "Gate", "epoch": scene.clock.epoch()})
    with pytest.raises(RehearsalError, match="waited in vain for the step take"):
        scene.held("take")


def test_R8_a_failover_is_held_at_the_step() -> None:
    """From the moment at which somebody asks for it."""
    entries: list[dict[str, Any]] = []
    scene = scene_with(entries)
    scene.hold("take")
    entries.append({"kind": "held", "text": "Take", "epoch": scene.clock.epoch()})
    scene.held("take")
