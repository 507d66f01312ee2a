"""Everything that a drill has made is removed: by name and tag, whether or not the drill can say what it made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from failover.drill.models import TAG, Plan
from shared import restored_database
from shared.aws import client, is_error
from shared.log import logger

NOT_NOW: Final = ("InvalidDBInstanceState", "InvalidDBInstanceStateFault")
GONE: Final = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
DESCRIBED_AT_ONCE: Final = 100
"""DescribeTasks takes no more."""


def nobody() -> Collection[str]:
    """No drill is at work whose things would have to be spared."""
    return ()


def remove(known: Plan, cluster: str, spared: Callable[[], Collection[str]] = nobody) -> list[str]:
    """Have it removed, and name what is still there.

    `spared`: names and tokens of a drill that is at work. It is asked after what is there was looked at: a drill writes its name
    down before it makes anything.
    """
    return [*_tasks(known, cluster, spared), *_databases(known, spared)]


def _tasks(known: Plan, cluster: str, spared: Callable[[], Collection[str]]) -> Iterator[str]:
    arns = [
        arn
        for service in known.services
        for arn in client("ecs").list_tasks(cluster=cluster, family=service.family, desiredStatus="RUNNING")["taskArns"]
    ]
    for begin in range(0, len(arns), DESCRIBED_AT_ONCE):
        some = arns[begin : begin + DESCRIBED_AT_ONCE]
        found = client("ecs").describe_tasks(cluster=cluster, tasks=some)["tasks"]
        kept = spared()
        for task in found:
            if task.get("startedBy") not in kept:
                client("ecs").stop_task(cluster=cluster, task=task["taskArn"], reason="the drill is over")
                yield f"task {task['taskArn'].rsplit('/', 1)[-1]}"


def _databases(known: Plan, spared: Callable[[], Collection[str]]) -> Iterator[str]:
    """The replica first: a copy that it follows would only make its deletion slower."""
    for name in (known.replica, known.copy):
        instance = restored_database.find(name)
        if instance is None:
            continue
        owner = next((tag["Value"] for tag in instance.get("TagList", []) if tag["Key"] == TAG), None)
        if owner is None:
            logger.warning(
                "A database has the name of a drill's and not its tag, so it stays", extra={"database": name}
            )
            yield f"{name}, which bears no tag of a drill: a person has to look"
        elif owner not in spared():
            if instance.get("DBInstanceStatus") != "deleting":
                _delete(name)
            yield name


def _delete(name: str) -> None:
    try:
        client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    except Exception as failure:
        # One that is being made or changed is deleted by a later look.
        if not is_error(failure, *NOT_NOW, *GONE):
            raise
