"""What tests of failovers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from failing_over.world import World, living


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Makes a world; unless it is not `lost`, its active region has been dark for as long as the alarm needs to ring."""
    with ExitStack() as stack:

        def made(*, lost: bool = True, **given: Any) -> World:
            world = stack.enter_context(living(monkeypatch, World(**given)))
            if lost:
                world.die()
                world.sleep(80)
            return world

        yield made
