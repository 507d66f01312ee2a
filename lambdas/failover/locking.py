"""The lock: the item `lock` of this site's own table, since the other one's may be gone. One execution at a time has it."""

from __future__ import annotations

from typing import Final

from failover.run import Run
from shared.aws import client, is_error
from shared.workflow_answer import Answer, done, failed, later

ITEM: Final = "lock"


def held(run: Run) -> bool:
    """Whether this execution has it."""
    item = run.own.read(ITEM)
    return item is not None and item["execution"] == run.event.execution


def take(run: Run) -> Answer:
    """Have it; an execution that has ended keeps it no longer."""
    item = run.own.read(ITEM)
    mine = run.event.execution
    if item is not None and item["execution"] == mine:
        return done("locked")
    if item is not None and running(str(item["execution"])):
        return failed(f"another failover is at work: {item['execution']}")
    if not run.own.put(ITEM, {"execution": mine, "taken_at": run.now}, instead_of=item):
        return later("another execution takes the lock at the same time", 1)
    return done("locked")


def release(run: Run) -> Answer:
    """Give it back, if it is this execution's."""
    item = run.own.read(ITEM)
    if item is not None and item["execution"] == run.event.execution and not run.own.remove(ITEM, instead_of=item):
        return later("the lock was written to at the same time", 1)
    return done("unlocked")


def running(execution: str) -> bool:
    """Whether Step Functions says so: nobody's lock is taken while its execution could still do something."""
    try:
        return client("stepfunctions").describe_execution(executionArn=execution)["status"] == "RUNNING"
    except Exception as failure:
        # Step Functions forgets executions 90 days after their end (Developer Guide, quotas).
        if is_error(failure, "ExecutionDoesNotExist"):
            return False
        raise
