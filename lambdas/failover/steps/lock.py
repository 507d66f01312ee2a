"""One execution at a time, which goes on where another one ended."""

from __future__ import annotations

from dataclasses import replace

from failover import locking
from failover.record import Record
from failover.run import Run
from failover.steps import assess, give_up
from shared.workflow_answer import Answer, done, failed, later


def lock(run: Run) -> Answer:
    """Take the lock, deal with what an execution that died has left, and begin the record."""
    locked = locking.take(run)
    if locked.status != "SUCCEEDED":
        return locked
    found = run.record
    if found is None or not found.unfinished:
        answer = assess.verdict(run)
        if answer.status == "SUCCEEDED":
            _begin(run, found, answer.reason)
        return answer
    if found.past_no_return:
        if found.mode != run.request.mode:
            return failed(f"{found.id} has to be gone on with first, and it is a {found.mode}")
        if found.execution != run.event.execution:
            run.write(found.anew(run.event.execution))
        return done(f"goes on with {found.id}, which {found.by} began")
    if found.id == run.name:
        return done(f"{found.id} has begun")
    run.write(replace(found, execution=run.event.execution))
    give_up.give_up(run, "its execution ended in the middle")
    return later("what the execution before has left is being undone; then the active site is looked at anew", 1)


def _begin(run: Run, before: Record | None, seen: str) -> None:
    asked = run.request
    begun = (
        Record(
            id=run.name,
            mode=asked.mode,
            execution=run.event.execution,
            state="running",
            because=asked.because,
            by=asked.by,
            from_region=run.settings.peer_region,
            to_region=run.settings.aws_region,
            detected_at=run.began_at,
            watched_from=None if before is None else before.watched_from,
        )
        .looked("assess", run.began_at)
        .through("assess", run.now, seen)
        .looked("lock", run.now)
        .through("lock", run.now, "locked")
    )
    run.write(begun)
