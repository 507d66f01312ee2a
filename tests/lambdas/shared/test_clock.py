"""The time that handlers see."""

from __future__ import annotations

import os
import subprocess
import sys
import time


def _asked(expression: str, **variables: str) -> float:
    """`expression` in a process that imports the clock anew."""
    program = f"from shared import clock; import time; print({expression})"
    environment = {**os.environ, **variables}
    return float(
        subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    )


def test_without_the_variable_time_is_real() -> None:
    """A handler in AWS sees the system's time."""
    assert abs(_asked("clock.epoch() - time.time()")) < 0.01
    assert 1.0 == _asked("clock.SPEED")


def test_a_rehearsals_clock_runs_from_its_origin_at_its_speed() -> None:
    """Eight times as fast, from a virtual moment."""
    begin = time.time() - 10
    seen = _asked("clock.epoch()", UNDERSTUDY_CLOCK=f"{begin!r},1000.0,8.0")
    assert 1080 <= seen <= 1080 + 8 * 20
    assert 0.5 == _asked("clock.real_seconds(4)", UNDERSTUDY_CLOCK=f"{begin!r},1000.0,8.0")


def test_it_agrees_with_the_rehearsals_own_clock() -> None:
    """Handlers and engines read the same moment from the same variable."""
    from rehearsal.clock import Clock

    clock = Clock(time.time() - 100, 5000.0, 7.5)
    assert abs(_asked("clock.epoch()", **clock.variable) - clock.epoch()) < 7.5 * 20
    assert abs(_asked("clock.now().timestamp() - clock.epoch()", **clock.variable)) < 0.1
