"""The outcome, from what was acknowledged, what the databases hold and what happened."""

from __future__ import annotations

import time

from rehearsal.failover import ledger, messages
from rehearsal.failover.deployed import Deployed
from rehearsal.failover.ending import Ending
from rehearsal.failover.faults import Fault
from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import Plan
from rehearsal.failover.scene import Scene
from rehearsal.release.users import Users


def judge(
    deployed: Deployed,
    plan: Plan,
    fault: Fault,
    scene: Scene,
    users: Users,
    *,
    ending: Ending,
    ended: float,
    active: str,
    began: float,
) -> Outcome:
    """`began`: when the rehearsal did, time.monotonic(). `ended`: virtual epoch at which it had come to its end, and users were
    told to stop. Nothing may be written any more.
    """
    stage, clock = scene.stage, scene.clock
    struck = scene.struck_at or ended
    by_users = ledger.of_users(users.file, clock)
    files = [site.acknowledged for site in stage.sites.values() if site.acknowledged]
    acknowledged = [*by_users, *ledger.of_workers([file for file in files if file.exists()], clock)]
    held = {region: stage.databases.writes(region) for region in stage.sites}
    lost = ledger.missing(acknowledged, held[active])
    outages = ledger.outages((one.at for one in by_users), struck, ended)
    # What ends with the rehearsal has not ended.
    recovered = 0.0 if not outages else (None if outages[-1][1] >= ended else outages[-1][1] - struck)
    subjects = [str(one["text"]) for one in scene.happenings.of("message", struck)]
    objectives = deployed.wanted.objectives
    return Outcome(
        plan=plan,
        ending=ending,
        right_endings=fault.endings,
        may_lose=not fault.loses_nothing,
        rto_seconds=60 * (objectives.rto_minutes or 0.0),
        rpo_seconds=60 * (objectives.rpo_minutes or 0.0),
        active=active,
        acknowledged=len(acknowledged),
        served=len(by_users),
        lost=len(lost),
        lost_span=(lost[0].at - struck, lost[-1].at - struck) if lost else None,
        recovery_seconds=recovered,
        overlap_seconds=ledger.overlap_seconds(ledger.tenures({one for rows in held.values() for one in rows})),
        promotions=scene.happenings.promotions(),
        messages=tuple(messages.of_a_failover(subjects)),
        seconds=time.monotonic() - began,
        troubles=tuple(scene.happenings.failures[:1]),
    )
