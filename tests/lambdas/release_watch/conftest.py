"""A place for a release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from watching.stage import Stage, set_up, staged

from shared import aws


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of the function."""
    set_up(monkeypatch)
    yield
    aws.forget_clients()


@pytest.fixture
def stage(variables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:  # noqa: ARG001
    """Not yet built."""
    with staged(monkeypatch) as stage:
        yield stage
