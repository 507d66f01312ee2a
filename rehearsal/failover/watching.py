"""When a rehearsal has come to its end, and to which."""

from __future__ import annotations

import time
from typing import Final

from rehearsal.failover import messages
from rehearsal.failover.ending import Ending
from rehearsal.failover.ledger import QUIET_SECONDS
from rehearsal.failover.plan import state
from rehearsal.failover.scene import Scene
from rehearsal.release.users import Users

CALM_SECONDS: Final = 75.0
"""Virtual: for how long nothing may have changed before it counts as an end; longer than a lease (45 s), a probe's window (60 s)
and what an alarm takes to ring. Whatever would still change by itself begins to within it."""
PATIENCE_SECONDS: Final = 40 * 60.0
"""Virtual: for an end of any kind, after the last thing that the fault does; signals that do not agree are looked at for half an
hour before people are told (lambdas/failover/look.py).
"""
LOOK_SECONDS: Final = 0.2
ATTEMPTS: Final = 2
"""That were given up after all that the fault does: those that follow will be, too. People are told once of several."""
NOT_FAILED_OVER: Final = "NotFailedOver"
"""With what such an execution fails (constructs/understudy/failover_workflow.py)."""
LONG_LOOK_SECONDS: Final = 300.0
"""Virtual: a region that is lost is seen to be within a probe's window and a look or two."""
LOOKING: Final = state("assess")
"""With what the states begin in which nothing is changed yet."""


class Watching:
    """From the moment at which users begin."""

    def __init__(self, scene: Scene, users: Users) -> None:
        self._scene, self._users = scene, users
        self._clock = scene.clock
        self._acknowledged, self._served_at = 0, scene.clock.epoch()
        self._since = self._served_at

    def ending(self) -> Ending:
        """Wait for it."""
        self._since = self._clock.epoch()
        until = self._since + PATIENCE_SECONDS
        before, since = self._now(), self._clock.epoch()
        while self._clock.epoch() < until:
            now = self._now()
            if now != before:
                before, since = now, self._clock.epoch()
            if now is not None and self._clock.epoch() - since > CALM_SECONDS:
                return now
            time.sleep(LOOK_SECONDS)
        return "neither"

    def active(self) -> str:
        """Region that the CDN sends users to."""
        return self._scene.stage.front.values.get("active", self._scene.home)

    def _now(self) -> Ending | None:
        """As what it would end if it stayed as it is; None while something is on its way."""
        served, heard = self._served(), self._heard()
        if self._at_work(heard):
            return None
        if served:
            return "went on" if self.active() == self._scene.home else "recovered"
        return "asked" if messages.asks(heard) else None

    def _served(self) -> bool:
        tally = self._users.tally
        acknowledged = tally["answered"] - tally["failed"]
        if acknowledged > self._acknowledged:
            self._acknowledged, self._served_at = acknowledged, self._clock.epoch()
        return self._clock.epoch() - self._served_at < QUIET_SECONDS

    def _at_work(self, heard: list[str]) -> bool:
        """Whether something is still on its way. What people heard of an execution before holds when the next one only looks for
        long, which it may do for half an hour; and once another one has come to the same.
        """
        given_up = sum(
            NOT_FAILED_OVER in str(one["text"]) for one in self._scene.happenings.of("execution", self._since)
        )
        if given_up >= ATTEMPTS and messages.asks(heard):
            return False
        running = {arn.rsplit(":", 1)[-1] for arn in self._scene.executions()}
        if not running or messages.waits(heard):
            return False
        states = [one for one in self._scene.happenings.of("state") if one["execution"] in running]
        looking = all(str(one["text"]).startswith(LOOKING) for one in states)
        long = any(self._clock.epoch() - float(one["epoch"]) > LONG_LOOK_SECONDS for one in states)
        return not (looking and long and messages.asks(heard))

    def _heard(self) -> list[str]:
        return self._texts(self._scene.struck_at or 0.0)

    def _texts(self, since: float) -> list[str]:
        return [str(one["text"]) for one in self._scene.happenings.of("message", since)]
