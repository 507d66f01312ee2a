"""Runs one task of a task definition and watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.aws import client
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ContainerOverrideTypeDef, TaskTypeDef


class NotStarted(Told):
    """ECS could not place the task; says why."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a task runs."""

    cluster: str
    subnets: Sequence[str]
    security_groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class OneOffTask:
    """A task, as ECS last described it."""

    arn: str
    stopped: bool
    exit_code: int | None
    """Of the container; None while it runs, and when it never ran."""
    status: str
    reason: str

    @property
    def id(self) -> str:
        """The last part of its ARN, as log streams have it."""
        return self.arn.rsplit("/", 1)[-1]


def start(
    placement: Placement,
    task_definition: str,
    *,
    container: str,
    token: str,
    command: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> OneOffTask:
    """Request a task with `command`, if there is one, in place of the container's own, and with `variables` over its own: no
    secrets, since whoever may describe the task sees them.

    `token`, at most 36 letters, digits and hyphens, makes it one: ECS answers a repeated request with the same task, and
    the task bears it as `startedBy`. Raises NotStarted when ECS cannot place it.
    """
    answer = client("ecs").run_task(
        cluster=placement.cluster,
        taskDefinition=task_definition,
        launchType="FARGATE",
        count=1,
        clientToken=token,
        startedBy=token,
        overrides={"containerOverrides": [_override(container, command, variables or {})]},
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": list(placement.subnets),
                "securityGroups": list(placement.security_groups),
                "assignPublicIp": "DISABLED",
            }
        },
    )
    if not answer["tasks"]:
        why = "; ".join(str(failure.get("reason")) for failure in answer["failures"])
        raise NotStarted(f"ECS could not start the task: {why or 'it gave no reason'}")
    return _task(answer["tasks"][0], container)


def _override(container: str, command: Sequence[str], variables: Mapping[str, str]) -> ContainerOverrideTypeDef:
    override: ContainerOverrideTypeDef = {"name": container}
    if command:
        override["command"] = list(command)
    if variables:
        override["environment"] = [{"name": name, "value": value} for name, value in variables.items()]
    return override


def find(cluster: str, token: str, container: str) -> OneOffTask | None:
    """The task that was started with `token`, running or stopped within the last hour; None if there is none."""
    for status in ("RUNNING", "STOPPED"):
        arns = client("ecs").list_tasks(cluster=cluster, startedBy=token, desiredStatus=status)["taskArns"]
        if arns:
            return describe(cluster, arns[0], container)
    return None


def describe(cluster: str, arn: str, container: str) -> OneOffTask | None:
    """The task `arn` now; None when ECS has forgotten it, an hour after its end."""
    tasks = client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
    return _task(tasks[0], container) if tasks else None


def stop(cluster: str, arn: str, reason: str) -> None:
    """End the task."""
    client("ecs").stop_task(cluster=cluster, task=arn, reason=reason)


def _task(task: TaskTypeDef, container: str) -> OneOffTask:
    status = task.get("lastStatus", "")
    ours = next((each for each in task.get("containers") or [] if each.get("name") == container), None) or {}
    return OneOffTask(
        arn=task.get("taskArn", ""),
        stopped=status == "STOPPED",
        exit_code=ours.get("exitCode"),
        status=status,
        reason="; ".join(text for text in (ours.get("reason"), task.get("stoppedReason")) if text),
    )
