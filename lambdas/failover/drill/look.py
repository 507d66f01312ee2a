"""One look of a drill's step, whichever function it is a step of: its time, its failures, what is written down about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from failover.drill.models import plan
from failover.drill.run import DrillRun
from failover.look import answered, attempt, in_time
from failover.models import Event, Settings
from failover.models import plan as failovers
from shared.workflow_answer import Answer, done, failed

Step = Callable[[DrillRun], Answer]

HOUR: Final = 3600.0
LIMITS: Final[Mapping[str, float]] = {
    "begin": 2 * HOUR,
    "point": 300,
    "restore": 4 * HOUR,
    "follow": 4 * HOUR,
    "promote": HOUR,
    "open": HOUR,
    "start": 1200,
    "healthy": 900,
    "verify": 300,
    "remove": 2 * HOUR,
    "note": 300,
    "report": 300,
}
"""Seconds that a step may take. What RDS restores and copies is as large as the database; what a failover waits for has a
multiple of its own limit, so that a drill says how long it would have taken."""
MEASURING: Final = ("begin", "point", "restore", "follow", "promote", "open", "start", "healthy", "verify")
"""Steps that give way to a failover."""
ENDING: Final = ("note", "remove", "report")
"""Steps that follow whatever happened, also where an execution was refused before it held a drill."""


def look(event: Mapping[str, Any], steps: Mapping[str, Step]) -> dict[str, Any]:
    """One look for the execution in `event`. Only what cannot even be read or written raises: the workflow asks again."""
    return answered(event, steps, _begun, _looked)


def _begun(asked: Event, mine: Settings) -> DrillRun:
    return DrillRun(asked, mine, failovers(mine.prefix), known=plan(mine.prefix))


def _looked(run: DrillRun, step: Step) -> Answer:
    name = run.event.step
    if name in MEASURING and (because := run.in_the_way):
        return failed(f"the drill gives way: {because}")
    if name == "begin":
        return in_time(run, attempt(run, step), run.began_at, LIMITS)
    if name in ENDING and not run.holds:
        return failed(run.event.failed.reason if run.event.failed else "this execution holds no drill")
    found = run.drill
    if name in found.ended:
        return done(f"{name} was through before")
    if name not in found.began:
        found = run.note(msgspec.structs.replace(found, began={**found.began, name: run.now}))
    answer = in_time(run, attempt(run, step), found.began[name], LIMITS)
    if answer.status == "SUCCEEDED" and name != "report":
        found = run.drill
        ended, said = {**found.ended, name: run.now}, {**found.said, name: answer.reason}
        run.note(msgspec.structs.replace(found, ended=ended, said=said))
    return answer
