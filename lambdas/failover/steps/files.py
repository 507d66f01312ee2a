"""The files of this site take writes: the other one's are copied here no longer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from failover import file_copy
from failover.models import Files
from failover.run import Changed, Run
from shared.aws import error_sentence
from shared.log import logger
from shared.workflow_answer import Answer, done, later

LOOK_SECONDS: Final = 10


def let_go(run: Run) -> None:
    """Have EFS begin, since it takes minutes as the promotion does. Where it cannot, `files` asks again: the database comes first."""
    if run.plan.files is not None:
        _copied(run, run.plan.files)


def files(run: Run) -> Answer:
    """Wait until they take writes, for as long as the promotion was expected to take: users are served before their files are.

    What is not through by then goes on at EFS by itself, and the report says so.
    """
    if run.plan.files is None:
        return done("there are no files")
    copied = _copied(run, run.plan.files)
    if copied is None:
        return done("its files take writes")
    waited = run.now - (run.mine.ended("promote") or run.now)
    if waited < run.plan.files.patience_seconds:
        return later(copied, LOOK_SECONDS)
    told = f"files cannot be written yet: {copied}"
    found = run.mine
    if told not in (found.notes or ""):
        run.write(replace(found, notes="; ".join(each for each in (found.notes, told) if each)))
    return done(told)


def _copied(run: Run, mine: Files) -> str | None:
    """Why they are still copied here, with EFS asked to stop; None if they are not."""
    try:
        found = file_copy.replication(mine.file_system)
        if found is None:
            return None
        if found.as_of is not None and run.mine.files_as_of != found.as_of:
            run.write(replace(run.mine, files_as_of=found.as_of))
        if not found.ending:
            file_copy.end(found, everywhere=run.mine.mode == "switchover")
    except Changed:
        raise
    except Exception as failure:  # noqa: BLE001 - whatever it is, users and the database come first
        because = error_sentence(failure) or type(failure).__name__
        logger.warning("The files are still copied here", extra={"because": because})
        return f"EFS did not end their replication: {because}"
    return "EFS ends their replication"
