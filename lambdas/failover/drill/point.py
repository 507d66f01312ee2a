"""What would be lost if the active region were lost now: asked of the waiting replica, which is read and nothing else."""

from __future__ import annotations

from msgspec.structs import replace

from failover import replica
from failover.drill.run import DrillRun
from failover.loss import Loss, written_until
from failover.steps.gate import lease_until
from shared import clock
from shared.workflow_answer import Answer, done, failed

TERM = "lag gate"


def point(run: DrillRun) -> Answer:
    """As the gate of a failover counts it: from the newest heartbeat that the replica has to the end of the active site's lease."""
    if run.plan.database is None:
        return failed("there is no database, so nothing to restore")
    begun = clock.epoch()
    with replica.asking(run.plan.database) as session:
        beat = replica.last_beat(session)
        position = replica.position(session)
    if not position.in_recovery:
        return failed("this site's database follows no other one, so nothing could take over")
    if beat is None or beat.region != run.settings.peer_region:
        return failed("the replica has no heartbeat of the active site, so nobody can tell what would be lost")
    now = clock.epoch()
    loss = Loss(beat.written_at.timestamp(), written_until(known=now, lease_until=lease_until(run)))
    found = run.drill
    run.note(replace(found, lost_seconds=loss.seconds, measured={**found.measured, TERM: now - begun}))
    return done(f"at most {loss.seconds:.0f} s of writes would be lost")
