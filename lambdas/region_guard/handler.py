"""Entry of the guard: asked every few seconds by its workflow, for as long as the workflow's execution lasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from region_guard import metrics
from region_guard.action import Fence
from region_guard.look import Look, Report
from region_guard.settings import Settings, settings
from region_guard.standing import PEER, WITNESS
from shared import clock
from shared.log import logger
from shared.workflow_answer import done, later

LOOP_SECONDS: Final = 150
"""How long an execution goes on. The scheduler starts one each minute, within that minute: up to two minutes lie between two
(EventBridge Scheduler User Guide, schedule types). The newest one looks, the others end."""


class Request(msgspec.Struct, frozen=True):
    """What the workflow says: when its execution started."""

    started: datetime


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look. Raises what was not foreseen: then the workflow asks again, and the alarm on errors rings."""
    started = msgspec.convert(event, Request).started.timestamp()
    own = settings()
    look = Look(own, started, clock.epoch())
    report = look.take()
    if report is None:
        return done("A newer execution looks").told()
    metrics.write(own.prefix, _numbers(own, report))
    logger.info("Looked", extra={"role": report.standing.role, "granted": sorted(report.granted)})
    if clock.epoch() - started >= LOOP_SECONDS:
        return done("The next execution goes on").told()
    spent = clock.epoch() - look.began
    return later(report.failure or report.standing.role, own.heartbeat_seconds - spent).told()


def _numbers(own: Settings, report: Report) -> dict[str, float]:
    """Metrics of a look, for the alarms of constructs/understudy/region_guard_alarms.py."""
    holds = report.standing.role in {"holder", "first"}
    numbers = {
        "Completed": float(report.failure is None),
        "Fenced": float(isinstance(report.action, Fence)),
        "NothingStandsIn": float(holds and not (own.active and own.stands_in)),
    }
    for place, name in ((WITNESS, "RefusedByWitness"), (PEER, "RefusedByPeer")):
        if place in report.asked:
            numbers[name] = float(place not in report.granted)
    if holds:
        numbers["LeaseSeconds"] = 0.0 if report.until is None else report.until - clock.epoch()
    return numbers
