"""The end of an execution: another one may begin."""

from __future__ import annotations

from failover import locking
from failover.run import Run
from shared.workflow_answer import Answer


def unlock(run: Run) -> Answer:
    """Give the lock back."""
    return locking.release(run)
