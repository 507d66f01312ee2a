"""A stage for each test, and nothing of it left afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.clock import Clock
from rehearsal.release.data_plane import DataPlane
from rehearsal.release.stage import Stage
from tests.rehearsal.release.engine_by_hand import HOST, Hand


@pytest.fixture
def hand() -> Iterator[Hand]:
    """A stage at eight times the speed, with nothing on it."""
    clock = Clock.started_now(8)
    with Stage(clock, pull_seconds=2, names=[HOST]) as stage:
        data_plane = DataPlane(stage)
        made = Hand(stage, data_plane, clock)
        yield made
        for users in made.started:
            users.kill()
        data_plane.stop()
