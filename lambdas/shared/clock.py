"""The time that handlers see. Always taken from here, so that a rehearsal can run it faster.

`UNDERSTUDY_CLOCK="<real epoch>,<virtual epoch>,<speed>"`, read at import: time started at `<virtual epoch>` when it really
was `<real epoch>`, and runs `<speed>` times as fast. In AWS the variable does not exist, and time is real.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Final

VARIABLE: Final = "UNDERSTUDY_CLOCK"


def _described() -> tuple[float, float, float]:
    description = os.environ.get(VARIABLE)
    if not description:
        return 0.0, 0.0, 1.0
    real, virtual, speed = (float(part) for part in description.split(","))
    return real, virtual, speed


_REAL_ORIGIN, _VIRTUAL_ORIGIN, SPEED = _described()


def epoch() -> float:
    """Seconds since 1970."""
    return _VIRTUAL_ORIGIN + (time.time() - _REAL_ORIGIN) * SPEED


def now() -> datetime:
    """The moment, UTC."""
    return datetime.fromtimestamp(epoch(), UTC)


def monotonic() -> float:
    """Seconds since some moment; never goes back. For durations."""
    return time.monotonic() * SPEED


def real_seconds(seconds: float) -> float:
    """How long `seconds` of this clock take outside it: for the time limits of sockets."""
    return seconds / SPEED


def pause(seconds: float) -> None:
    """Wait for the next request of a paced series. Never to wait for something remote: answer IN_PROGRESS instead."""
    if seconds > 0:
        time.sleep(real_seconds(seconds))
