"""The application is let in: by this site's guard, which finds that it holds the lease."""

from __future__ import annotations

from failover import replica
from failover.run import Run
from shared.workflow_answer import Answer, done, later


def opened(run: Run) -> Answer:
    """Wait for the guard's first heartbeat here, which it writes together with the logins' new end.

    Tasks that are connected already need no telling: the promotion has ended their sessions, or has made them writable.
    """
    if run.plan.database is None:
        return done("there is no database")
    with replica.asking(run.plan.database) as session:
        beat = replica.last_beat(session)
    here = run.settings.aws_region
    if beat is None or beat.region != here:
        return later(f"the guard of {here} has not opened the database yet", 2)
    return done(f"the guard of {here} has opened the database")
