"""How both engines wait: looking all the while whether there is a reason to stop."""

from collections.abc import Callable

from rehearsal.emulator.engines.setting import SETTING

LOOK_SECONDS = 1.0


def wait(seconds: float, watch: Callable[[], None]) -> None:
    """Let virtual seconds pass. `watch` is called at least once and then every second; what it raises ends the wait."""
    until = SETTING.clock.epoch() + seconds
    while True:
        watch()
        left = until - SETTING.clock.epoch()
        if left <= 0:
            return
        SETTING.clock.sleep(min(left, LOOK_SECONDS))
