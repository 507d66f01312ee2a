"""The end of a drill, however it came: a failure is written down, and everything is removed."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from failover.drill import removal
from failover.drill.run import DrillRun
from shared.workflow_answer import Answer, done, later

LOOK_SECONDS: Final = 30


def note(run: DrillRun) -> Answer:
    """Write down which step failed, for the report."""
    failure = run.failure
    run.note(replace(run.drill, failed_step=failure.step, failed_because=failure.reason))
    return done(f"{failure.step}: {failure.reason}")


def remove(run: DrillRun) -> Answer:
    """Both databases and every task. What cannot be removed by then, the clock tries again each hour."""
    left = removal.remove(run.known, run.settings.prefix)
    if left:
        return later(f"is being removed: {', '.join(left)}", LOOK_SECONDS)
    run.note(replace(run.drill, removed_at=run.now))
    return done("nothing of the drill is left")
