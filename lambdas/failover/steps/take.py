"""The lease is taken: from then on no other site may write."""

from __future__ import annotations

from dataclasses import replace

from failover.run import Run
from failover.steps.assess import came_back
from shared import lease
from shared.lease import NotYet
from shared.workflow_answer import Answer, done, failed, later


def take(run: Run) -> Answer:
    """Wait for the other site's lease to run out, and take it."""
    if back := came_back(run):
        return failed(back)
    taken = lease.take(
        run.settings.aws_region,
        run.lease_here,
        run.lease_witness,
        now=run.now,
        lease_seconds=run.plan.watching.lease_seconds,
    )
    if isinstance(taken, NotYet):
        return later(taken.because, taken.wait_seconds)
    run.write(replace(run.mine, epoch=taken.epoch))
    return done(f"{run.settings.aws_region} holds the lease, epoch {taken.epoch}")
