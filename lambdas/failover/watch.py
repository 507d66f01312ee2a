"""Entry of the function that looks at the active site, again and again: the waiting one's eyes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from failover import metrics, observations, probe, replica, signals, standing
from failover.models import Plan, Settings, plan, settings
from failover.run import PEER_SECONDS
from failover.signals import Observation
from failover.table import Table
from shared import clock
from shared.aws import error_sentence
from shared.lease_table import LeaseTable
from shared.log import logger
from shared.told import Told
from shared.workflow_answer import done, later

LOOP_SECONDS: Final = 110
"""An execution of the workflow looks for so long; the clock starts the next one each minute, give or take one."""
TOO_SOON: Final = 0.6
"""Of the time between two looks: whoever comes sooner leaves it to the other execution."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """One look; its execution asks again. `event` says when that began, `started`, as ISO 8601."""
    began = clock.epoch()
    mine = settings()
    known = plan(mine.prefix)
    every = known.watching.probe_seconds
    seen = observations.read(Table(mine.table, mine.aws_region))
    if not seen or began - seen[-1].at >= TOO_SOON * every:
        observe(mine, known)
    if began - datetime.fromisoformat(str(event["started"])).timestamp() > LOOP_SECONDS:
        return done("the next execution goes on").told()
    return later("looks again", every - (clock.epoch() - began)).told()


def observe(mine: Settings, known: Plan) -> dict[str, Any]:
    """Look, write down what was seen, and what it means for the alarms."""
    table = Table(mine.table, mine.aws_region)
    here = _until(LeaseTable(mine.table, mine.aws_region), mine.peer_region)
    witness = None
    if mine.witness_region:
        witness = _until(LeaseTable(mine.table, mine.witness_region, PEER_SECONDS), mine.peer_region)
    beat, streaming = _replica(mine, known)
    seen = Observation(
        at=clock.epoch(),
        probe=_probe(mine, known),
        heartbeat=beat,
        streaming=streaming,
        lease_here=here,
        lease_witness=witness,
    )
    found = signals.read(observations.add(table, seen), seen.at, known.watching)
    # A region that was taken over from may stay dark for days, and nobody is to be called for that.
    matters = not standing.has_taken_over(mine.prefix, mine.aws_region)
    _measure(mine, seen, {signal.name: matters and signal.says == "lost" for signal in found})
    for signal in found:
        if signal.says != "alive":
            logger.info(signal.why, extra={"signal": signal.name, "says": signal.says})
    return {signal.name: signal.says for signal in found}


def _probe(mine: Settings, known: Plan) -> probe.Verdict:
    found = probe.probe(known.domain, [mine.peer_region], expected_status=known.expected_status)[mine.peer_region]
    if found.why:
        logger.info("probed", extra={"why": found.why})
    return found.verdict


def _until(table: LeaseTable, site: str) -> float | None:
    """Until when `site` may write by what stands there; None where it could not be read."""
    try:
        lease = table.read()
    except Exception as failure:  # noqa: BLE001 - what could not be seen is no signal
        logger.info("A lease was not read", extra={"region": table.region, "because": error_sentence(failure)})
        return None
    return lease.until if lease is not None and lease.holder == site else None


def _replica(mine: Settings, known: Plan) -> tuple[float | None, bool | None]:
    """The newest heartbeat of the other site that is here, and whether the replica is connected to its source."""
    if known.database is None:
        return None, None
    try:
        with replica.asking(known.database) as session:
            if not replica.position(session).in_recovery:
                return None, None
            beat = replica.last_beat(session)
            streaming = replica.streaming(session)
    except Told as unseen:
        logger.info("The replica was not asked", extra={"because": str(unseen)})
        return None, None
    return (beat.written_at.timestamp() if beat is not None and beat.region == mine.peer_region else None), streaming


def _measure(mine: Settings, seen: Observation, lost: Mapping[str, bool]) -> None:
    """What alarms look at."""
    numbers = {f"{name.capitalize()}Lost": float(is_lost) for name, is_lost in lost.items()}
    if seen.heartbeat is not None:
        numbers["HeartbeatAgeSeconds"] = seen.at - seen.heartbeat
    metrics.put(mine.prefix, numbers)
