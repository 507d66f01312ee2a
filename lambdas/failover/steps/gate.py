"""What would be lost, and whether that may be."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from failover import replica, signals
from failover.loss import Loss, refusal, written_until
from failover.run import Run
from failover.steps.assess import came_back
from shared.workflow_answer import Answer, done, failed, later

REPLAY_SECONDS: Final = 180.0
"""How long a replica may take for what it has received, as long as that would make the difference."""
FOLLOWING_SECONDS: Final = 30.0
"""Before a switchover: a replica that is further behind would keep users waiting once nobody may write."""


def gate(run: Run) -> Answer:
    """Compare the last replayed heartbeat with the time until which the active site may have written."""
    if back := came_back(run):
        return failed(back)
    if run.plan.database is None:
        return done("there is no database")
    with replica.asking(run.plan.database) as session:
        beat = replica.last_beat(session)
        position = replica.position(session)
    if not position.in_recovery:
        return failed(
            "this site's database follows no other one: what it has is its own, and nobody takes over with it"
        )
    if beat is None:
        return failed("the replica has no heartbeat, so nobody can tell what would be lost")
    replayed_to = beat.written_at.timestamp()
    if run.request.mode == "switchover":
        behind = run.now - replayed_to
        if behind > FOLLOWING_SECONDS:
            return failed(f"the replica is {behind:.0f} s behind; a switchover waits until it follows closely")
        return done(f"the replica is {behind:.0f} s behind")
    known = max(signals.written(run.observations, run.plan.watching.lease_seconds) or replayed_to, replayed_to)
    loss = Loss(replayed_to, written_until(known=known, lease_until=lease_until(run)))
    found = run.write(
        replace(run.mine, replayed_to=loss.replayed_to, written_until=loss.written_until, failed_at=known)
    )
    accepted = run.request.accept_loss_seconds
    why = refusal(loss, rpo_seconds=run.plan.rpo_seconds, accepted_seconds=accepted)
    if why is None:
        return done(f"at most {loss.seconds:.0f} s of writes are lost")
    if not position.caught_up and run.now - (found.clock("gate") or run.now) < REPLAY_SECONDS:
        return later(f"the replica still replays what it has received: {why}")
    return failed(why)


def catch_up(run: Run) -> Answer:
    """In a switchover, everything that the fenced database has written is replayed."""
    if run.request.mode != "switchover":
        return done("the other site's database cannot be waited for")
    wanted, fenced_at = run.mine.fenced_position, run.mine.fenced_at
    if run.plan.database is None:
        return done("there is no database")
    if wanted is None:
        return failed("the other site did not say where its log ended")
    with replica.asking(run.plan.database) as session:
        if not replica.reached(session, wanted):
            return later(f"the replica has not replayed up to {wanted}", 1)
    # Everything that was ever written: nobody is served from then on, and nothing is lost.
    run.write(replace(run.mine, replayed_to=fenced_at, written_until=fenced_at, failed_at=fenced_at))
    return done(f"the replica has everything up to {wanted}")


def lease_until(run: Run) -> float | None:
    """The end of the active site's lease, which it asks for before it writes; None where there is no witness."""
    witness = run.lease_witness
    if witness is None:
        return None
    peer = run.settings.peer_region
    leases = [lease for lease in (run.lease_here.read(), witness.read()) if lease is not None]
    return max((lease.until for lease in leases if lease.holder == peer), default=None)
