"""The way back of every step before the point of no return."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from failover import locking, messages
from failover.models import ALARM
from failover.run import Run
from failover.steps import fence
from shared import lease
from shared.aws import error_sentence
from shared.log import logger
from shared.workflow_answer import Answer, done, failed, later

TOLD_SECONDS: Final = 1800
"""While the alarm rings, an execution begins every five minutes (failover.start). Of the same end people hear once in each half
hour: a telephone that rings for nothing new is switched off."""
NUMBERS: Final = re.compile(r"\d[\d.]*")
"""Seconds of lag, of a lease: what differs each time although nothing has changed."""


def undo(run: Run) -> Answer:
    """Put back what this execution has changed, and tell people why it ended."""
    failure = run.failure
    found = run.record
    if locking.held(run):
        if found is not None and found.execution == run.event.execution and found.unfinished:
            if found.past_no_return:
                return failed("there is no way back from the promotion")
            if not give_up(run, f"{failure.step}: {failure.reason}"):
                return later("the lease is being given back", 1)
        released = locking.release(run)
        if released.status != "SUCCEEDED":
            return released
    if not messages.send(run, *_topic(run, failure.reason), messages.given_up(run, failure.reason)):
        return later("people are being told", 15)
    return done(failure.reason)


def _topic(run: Run, reason: str) -> tuple[str, str]:
    """Under which the end is told once. A person hears of each that a person began."""
    asked = run.event.input
    if isinstance(asked, Mapping) and asked.get("by", ALARM) != ALARM:
        return run.name, "given-up"
    return f"given-up#{int(run.now // TOLD_SECONDS)}", NUMBERS.sub("#", reason)[:200]


def give_up(run: Run, because: str) -> bool:
    """Undo the failover in the record, which is this execution's by now. Whether it is undone."""
    found = run.mine
    if found.began("take") is not None and not _give_back(run):
        return False
    if found.began("fence") is not None:
        fence.withdraw(run, found.id)
    run.write(replace(found, state="undone", failed_because=because, watched_from=run.now))
    return True


def _give_back(run: Run) -> bool:
    here, peer = run.settings.aws_region, run.settings.peer_region
    try:
        return lease.give_back(here, peer, run.lease_here, run.lease_witness)
    except Exception as failure:  # noqa: BLE001 - whatever it is, this site's own table decides
        logger.warning("The witness cannot be reached", extra={"because": error_sentence(failure)})
    # What stands there is older than what this site's own table will say, and the other site's guard clears it away.
    return lease.give_back(here, peer, run.lease_here, None)
