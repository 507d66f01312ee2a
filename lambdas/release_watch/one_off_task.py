"""One task of a task definition, found by the token that it was started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.aws import client
from shared.told import Told


@dataclass(frozen=True, slots=True)
class OneOffTask:
    """A task, as ECS last described it."""

    arn: str
    stopped: bool
    exit_code: int | None
    """Of the container; None while it runs, and when it never ran."""
    reason: str


class NotStarted(Told):
    """ECS could not place the task; says why."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a task runs, and in which container its command."""

    cluster: str
    container: str
    subnets: Sequence[str]
    security_groups: Sequence[str]


def find(cluster: str, container: str, token: str) -> OneOffTask | None:
    """The task that was started with `token`, running or stopped within the last hour; None if there is none."""
    for status in ("RUNNING", "STOPPED"):
        arns = client("ecs").list_tasks(cluster=cluster, startedBy=token, desiredStatus=status)["taskArns"]
        if arns:
            return describe(cluster, container, arns[0])
    return None


def describe(cluster: str, container: str, arn: str) -> OneOffTask | None:
    """The task `arn` now; None when ECS has forgotten it, an hour after its end."""
    tasks = client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
    return _task(tasks[0], container) if tasks else None


def start(placement: Placement, task_definition: str, command: Sequence[str], token: str) -> OneOffTask:
    """Request a task with `command` in place of the container's own. Raises NotStarted.

    ECS answers a repeated request with the same `token`, of at most 36 letters, digits and hyphens, with the same task.
    """
    answer = client("ecs").run_task(
        cluster=placement.cluster,
        taskDefinition=task_definition,
        launchType="FARGATE",
        count=1,
        clientToken=token,
        startedBy=token,
        overrides={"containerOverrides": [{"name": placement.container, "command": list(command)}]},
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": list(placement.subnets),
                "securityGroups": list(placement.security_groups),
                "assignPublicIp": "DISABLED",
            }
        },
    )
    if not answer["tasks"]:
        raise NotStarted("; ".join(str(failure.get("reason")) for failure in answer["failures"]) or "no reason given")
    return _task(answer["tasks"][0], placement.container)


def stop(cluster: str, arn: str, reason: str) -> None:
    """End the task; one that has ended is fine."""
    client("ecs").stop_task(cluster=cluster, task=arn, reason=reason)


def _task(task: Any, container: str) -> OneOffTask:  # noqa: ANN401 - a dict of many shapes
    ours = next((each for each in task.get("containers") or [] if each.get("name") == container), None) or {}
    return OneOffTask(
        arn=task.get("taskArn", ""),
        stopped=task.get("lastStatus") == "STOPPED",
        exit_code=ours.get("exitCode"),
        reason="; ".join(text for text in (ours.get("reason"), task.get("stoppedReason")) if text),
    )
