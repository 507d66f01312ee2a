"""What the engines of one emulator share: its address, the clock, the data plane, and how work goes on beside a request.

A rehearsal is *played* when it has a data plane: deployments then take their time and run their hooks. Without one
nothing waits for anything, so that `understudy up` is quick.
"""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from rehearsal.clock import Clock
from rehearsal.emulator.apis import Apis
from rehearsal.emulator.engines.data_plane import DataPlane, OverHttp, Satisfied

DATA_PLANE_VARIABLE = "UNDERSTUDY_DATA_PLANE"
LOG = logging.getLogger("understudy")


@dataclass
class Setting:
    """The one of this process."""

    endpoint: str = ""
    clock: Clock = field(default_factory=Clock.from_environment)
    data_plane: DataPlane = field(default_factory=Satisfied)
    played: bool = False

    def begin(self, endpoint: str) -> None:
        """Take the emulator's own address, and from the environment whether this is a rehearsal."""
        self.endpoint = endpoint
        url = os.environ.get(DATA_PLANE_VARIABLE)
        if url:
            self.attach(url, self.clock)

    def attach(self, url: str, clock: Clock) -> None:
        """From now on, play on the data plane that answers at `url`."""
        self.clock = clock
        self.data_plane = OverHttp(url)
        self.played = True

    def apis(self, account: str, region: str) -> Apis:
        """Return the emulator's own APIs, for an account and region."""
        return _apis(self.endpoint, account, region)


SETTING = Setting()


def now() -> datetime:
    """Return the rehearsal's moment."""
    return SETTING.clock.now()


@lru_cache
def _apis(endpoint: str, account: str, region: str) -> Apis:
    # One per region for all who ask: a client's model takes megabytes.
    return Apis(endpoint=endpoint, account=account, region=region)


def in_background(name: str, work: Callable[..., Any], *arguments: Any) -> threading.Thread:  # noqa: ANN401  # whatever the work takes
    """Have work done beside the request at hand. What it raises is logged: nobody waits for it."""

    def guarded() -> None:
        try:
            work(*arguments)
        except Exception:
            LOG.exception("%s broke", name)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread
