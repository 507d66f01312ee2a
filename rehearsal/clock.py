"""The rehearsal's time: real seconds, several times as fast; the same in every process of a rehearsal.

`UNDERSTUDY_CLOCK="<real epoch>,<virtual epoch>,<speed>"` says where it started and how fast it runs. Without the variable
it is real time. Handlers read the same variable (lambdas/shared/clock.py), so they see the time that the engines see.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

VARIABLE: Final = "UNDERSTUDY_CLOCK"


@dataclass(frozen=True, slots=True)
class Clock:
    """Virtual time that runs `speed` times as fast as real time, equal to it at `origin` (epoch seconds)."""

    real_origin: float
    virtual_origin: float
    speed: float

    @classmethod
    def started_now(cls, speed: float) -> Clock:
        """A clock that runs `speed` times as fast from this moment on."""
        moment = time.time()
        return cls(moment, moment, speed)

    @classmethod
    def from_environment(cls) -> Clock:
        """The clock that `UNDERSTUDY_CLOCK` describes; real time without it."""
        described = os.environ.get(VARIABLE)
        if not described:
            return cls(0.0, 0.0, 1.0)
        real, virtual, speed = (float(part) for part in described.split(","))
        return cls(real, virtual, speed)

    @property
    def variable(self) -> dict[str, str]:
        """What a process of the same rehearsal needs in its environment."""
        return {VARIABLE: f"{self.real_origin!r},{self.virtual_origin!r},{self.speed!r}"}

    def epoch(self) -> float:
        """Seconds since 1970, virtual."""
        return self.virtual_origin + (time.time() - self.real_origin) * self.speed

    def now(self) -> datetime:
        """The virtual moment, UTC."""
        return datetime.fromtimestamp(self.epoch(), UTC)

    def real_seconds(self, virtual_seconds: float) -> float:
        """How long `virtual_seconds` take in real time."""
        return virtual_seconds / self.speed

    def sleep(self, virtual_seconds: float) -> None:
        """Wait for `virtual_seconds`."""
        if virtual_seconds > 0:
            time.sleep(self.real_seconds(virtual_seconds))
