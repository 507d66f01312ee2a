"""What tests of rotations share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rotation.world import World, account
from traffic.place import ear

__all__ = ["ear"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An application's secret at a server in memory, whose two users alternate."""
    with account(monkeypatch, World()) as made:
        yield made.begin()
