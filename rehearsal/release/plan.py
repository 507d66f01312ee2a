"""What is rehearsed."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.release.versions import VersionName
from spec.release import Engine, Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is rehearsed; `rate` is requests in a real second."""

    engine: Engine
    strategy: Strategy
    version: VersionName
    speed: float = 6.0
    rate: float = 400.0
    users: int = 3000
    slow_share: float = 0.01
    orders_share: float = 0.1
    timeout_seconds: float = 10.0

    @property
    def title(self) -> str:
        """In a few words."""
        return f"{self.strategy} by {self.engine}, version {self.version}"
