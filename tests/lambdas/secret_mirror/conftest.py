"""What tests of the mirror share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from copying.world import World, world

__all__ = ["made"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two regions; nothing is copied yet."""
    with world(monkeypatch) as found:
        yield found
