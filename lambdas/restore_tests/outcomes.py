"""What a look may end with besides a census."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pending:
    """Not yet; says what for."""

    reason: str
    wait_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Broken:
    """The copy cannot be looked into; says why."""

    reason: str
