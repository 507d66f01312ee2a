"""What tests of drills share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from drilling.names import MACHINE
from drilling.world import Drilling
from failing_over.world import living

from failover.drill import clock_call


@pytest.fixture
def drilling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Drilling]]:
    """Makes a world in which nothing is wrong."""
    monkeypatch.setenv("STATE_MACHINE_ARN", MACHINE)
    clock_call.settings.cache_clear()
    with ExitStack() as stack:

        def made(**given: Any) -> Drilling:
            return stack.enter_context(living(monkeypatch, Drilling(**given)))

        yield made
    clock_call.settings.cache_clear()
