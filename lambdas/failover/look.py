"""One look of a step, whichever function it is a step of: its time, its failures, what is written down about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

import msgspec

from failover import metrics
from failover.models import Event, Refused, Settings, plan, settings
from failover.run import Changed, Run
from shared.aws import error_sentence
from shared.log import logger
from shared.told import Told
from shared.workflow_answer import Answer, done, failed, later

Step = Callable[[Run], Answer]
Looking = TypeVar("Looking", bound=Run)

HOUR: Final = 3600.0
LIMITS: Final[Mapping[str, float]] = {
    "assess": 1800,
    "lock": 1800,
    "approve": 4 * HOUR,
    "gate": 300,
    "fence": 120,
    "catch_up": 120,
    "take": 480,
    "promote": 300,
    "promoted": 900,
    "open": 300,
    "scale": 600,
    "files": 900,
    "switch": 300,
    "verify": 180,
    "report": 300,
    "undo": 600,
    "go_on": 4 * HOUR,
    "stop": 600,
    "unlock": 300,
}
"""Seconds that a step may take. `take` outlasts the longest lease (spec: 300 s); a promotion takes RDS minutes, of which nobody
has published a measurement for another region; after a quarter of an hour a person has to look."""
EVERY_TIME: Final = ("assess", "lock", "undo", "go_on", "stop", "unlock")
"""Steps that are never through once and for all: each execution has them anew."""
BEFORE_THE_RECORD: Final = ("assess", "lock")
"""Their time counts from the beginning of the execution."""
AGAIN_SECONDS: Final = 5


def look(event: Mapping[str, Any], steps: Mapping[str, Step]) -> dict[str, Any]:
    """One look for the execution in `event`. Only what cannot even be read or written raises: the workflow asks again."""
    return answered(event, steps, lambda asked, mine: Run(asked, mine, plan(mine.prefix)), _looked)


def answered(
    event: Mapping[str, Any],
    steps: Mapping[str, Callable[[Looking], Answer]],
    begin: Callable[[Event, Settings], Looking],
    looked: Callable[[Looking, Callable[[Looking], Answer]], Answer],
) -> dict[str, Any]:
    """What the workflow is told: what comes of `looked` for the run that `begin` makes and the step that `event` names."""
    asked = msgspec.convert(event, Event)
    logger.append_keys(execution=asked.execution, step=asked.step)
    run = begin(asked, settings())
    try:
        answer = looked(run, steps[asked.step])
    except Refused as refused:
        answer = failed(str(refused))
    except Changed as changed:
        answer = later(str(changed), 1)
    logger.info("looked", extra={"status": answer.status, "reason": answer.reason})
    return answer.told()


def _looked(run: Run, step: Step) -> Answer:
    name = run.event.step
    if name in BEFORE_THE_RECORD:
        return in_time(run, attempt(run, step), run.began_at, LIMITS)
    found = run.record
    mine = found is not None and found.execution == run.event.execution
    if found is None or not mine:
        if name not in EVERY_TIME:
            raise Refused("this execution is at work on no failover")
        return attempt(run, step)
    if name not in EVERY_TIME and found.ended(name) is not None:
        return done(f"{name} was through before")
    if run.plan.rto_seconds is not None and run.now - found.detected_at > run.plan.rto_seconds:
        metrics.put(run.settings.prefix, {metrics.LONG: 1.0})
    begun = found.looked(name, run.now)
    if begun != found:
        begun = run.write(begun)
    answer = in_time(run, attempt(run, step), begun.clock(name) or run.now, LIMITS)
    if name not in EVERY_TIME:
        _note(run, name, answer)
    return answer


def attempt(run: Looking, step: Callable[[Looking], Answer]) -> Answer:
    """A look by `step`; whatever it raises that nobody foresaw is a look that comes again."""
    try:
        return step(run)
    except (Refused, Changed):
        raise
    except Told as known:
        return later(str(known), AGAIN_SECONDS)
    except Exception as unforeseen:  # noqa: BLE001 - what was begun goes on, so somebody has to look again
        logger.exception("this look failed; the next one tries again")
        return later(f"this look failed: {error_sentence(unforeseen) or type(unforeseen).__name__}", AGAIN_SECONDS)


def in_time(run: Run, answer: Answer, since: float, limits: Mapping[str, float]) -> Answer:
    """`answer`, or that the step is not through although its limit is over; `since`: epoch seconds."""
    limit = limits[run.event.step]
    if answer.status != "IN_PROGRESS" or run.now - since < limit:
        return answer
    return failed(f"not through after {limit:.0f} s: {answer.reason}")


def _note(run: Run, name: str, answer: Answer) -> None:
    if answer.status == "SUCCEEDED":
        run.write(run.mine.through(name, run.now, answer.reason))
    elif answer.status == "FAILED":
        run.write(replace(run.mine, failed_step=name, failed_because=answer.reason))
