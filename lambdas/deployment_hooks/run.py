"""One look of a hook: the core of both engines. It keeps nothing but the ledger between two looks.

The first delivery of an event starts the hook's time by a conditional write; the first verdict is written once, and is the
answer to every delivery after it. Whatever goes wrong is a FAILED with a sentence: a release never passes by accident.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from pathlib import PurePath

from deployment_hooks import outcome, stages
from deployment_hooks.context import HookContext
from deployment_hooks.deadline import Deadline, OutOfTime, interrupted_in_time
from deployment_hooks.outcome import Outcome, Status
from deployment_hooks.release_state import Engine
from shared import clock, ledger, plan
from shared.aws import error_sentence
from shared.ledger import Entry, Ledger
from shared.log import logger
from shared.plan import Stage
from shared.told import Told


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of one hook, however often its event is delivered."""

    stage: Stage
    release: str
    hook_execution_id: str
    engine: Engine
    prefix: str
    region: str
    table: str

    @property
    def entry(self) -> str:
        """Its entry's name in the ledger."""
        return ledger.hook_entry(self.stage, self.hook_execution_id)


def run(execution: Execution, function_seconds: Callable[[], float]) -> Outcome:
    """Look once. `function_seconds` tells how many real seconds Lambda leaves this call."""
    book = Ledger(execution.table)
    try:
        entry, _ = book.put_once(execution.release, execution.entry, {"started_at": clock.epoch()})
        if (known := _verdict(entry)) is not None:
            return known
        found = _checked(execution, book, entry, function_seconds)
        return _written(execution, book, entry, found)
    except Exception as failure:  # noqa: BLE001 - closed on whatever happens
        logger.exception("the ledger could not be kept", extra={"release": execution.release, "hook": execution.stage})
        return outcome.failed(f"{execution.stage}: {sentence(failure)}")


def sentence(failure: BaseException) -> str:
    """`failure` for people: our own exceptions say what is wrong, AWS's answers are quoted, of others only the place.

    The text of an unknown exception may hold what it was raised about, so it stays in the log.
    """
    if isinstance(failure, (Told, OutOfTime)):
        return str(failure)
    if (told := error_sentence(failure)) is not None:
        return told
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"it broke: {type(failure).__name__}{place}; its function's log has the rest"


def _checked(execution: Execution, book: Ledger, entry: Entry, function_seconds: Callable[[], float]) -> Outcome:
    """The stage's check, ended in time and kept within the hook's limit."""
    context: HookContext | None = None
    try:
        with interrupted_in_time(function_seconds()):
            loaded = plan.load(execution.prefix, execution.engine.service())
            deadline = Deadline(
                float(entry["started_at"] or 0.0), loaded.timeouts_seconds.limit(execution.stage), function_seconds
            )
            context = HookContext(
                release=execution.release,
                region=execution.region,
                plan=loaded,
                state=execution.engine.state(loaded),
                deadline=deadline,
                ledger=book,
            )
            if deadline.hook_left <= 0:
                return _timed_out(execution.stage, context, str(entry.get("missing") or "nothing had been reported"))
            found = stages.check(execution.stage, context)
            if not found.final and deadline.hook_left <= 0:
                return _timed_out(execution.stage, context, found.reason)
    except (Exception, OutOfTime) as failure:  # noqa: BLE001 - closed on whatever happens
        logger.exception("the hook failed", extra={"release": execution.release, "hook": execution.stage})
        return outcome.failed(f"{execution.stage}: {sentence(failure)}")
    return found if found.final else replace(found, wait_seconds=_wait(found, deadline))


def _timed_out(stage: Stage, context: HookContext, missing: str) -> Outcome:
    try:
        stages.abandon(stage, context)
    except Exception:  # noqa: BLE001 - the verdict stands without it
        logger.exception("what the hook had started could not be ended", extra={"release": context.release})
    return outcome.failed(f"{stage} timed out after {context.deadline.limit_seconds:g} s: {missing}")


def _wait(found: Outcome, deadline: Deadline) -> int:
    """No longer than until the hook's limit, so that it is kept to the second."""
    return max(1, min(found.wait_seconds, ceil(deadline.hook_left)))


def _written(execution: Execution, book: Ledger, entry: Entry, found: Outcome) -> Outcome:
    """`found`, or the verdict that another delivery wrote meanwhile."""
    if found.final:
        values: Entry = {"verdict": found.status.value, "reason": found.reason, "ended_at": clock.epoch()}
    elif entry.get("missing") == found.reason:
        return found
    else:
        values = {"missing": found.reason}
    now, written = book.add_once(execution.release, execution.entry, values, unless="verdict")
    if written and found.final:
        logger.info("hook ended", extra={"release": execution.release, "hook": execution.stage, **values})
    return (_verdict(now) or found) if not written else found


def _verdict(entry: Entry) -> Outcome | None:
    verdict = entry.get("verdict")
    return Outcome(Status(str(verdict)), str(entry.get("reason") or "")) if verdict else None
