"""Whether there may be a drill, and that nothing of an earlier one is left."""

from __future__ import annotations

from failover import locking
from failover.drill import removal
from failover.drill.record import Drill
from failover.drill.run import DrillRun
from shared.workflow_answer import Answer, done, failed, later

LOOK_SECONDS = 30


def begin(run: DrillRun) -> Answer:
    """One at a time, where the site waits. What an execution that died has left is removed first."""
    asked = run.asked
    found = run.newest
    if found is None or found.execution != run.event.execution:
        if found is not None and found.at_work and locking.running(found.execution):
            return failed(f"another drill is at work: {found.id}, since {found.began_at:.0f}")
        run.note(Drill(run.name, run.event.execution, asked.by, asked.because, run.began_at))
    left = removal.remove(run.known, run.settings.prefix)
    if left:
        return later(f"what an earlier drill has left is being removed: {', '.join(left)}", LOOK_SECONDS)
    return done("nothing of an earlier drill is left")
