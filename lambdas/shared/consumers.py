"""Which running tasks started with an old version of a secret.

ECS reads a secret's value when a task starts, and never again. A task bears as `createdAt` the moment at which it became
PENDING, before anything was read for it: one that was created after the new version became current has that version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from shared.aws import client

if TYPE_CHECKING:
    from mypy_boto3_ecs.literals import DesiredStatusType
    from mypy_boto3_ecs.type_defs import TaskTypeDef

DESCRIBED_AT_ONCE: Final = 100
"""DescribeTasks takes no more."""

Role = Literal["service", "leaving", "one-off"]


@dataclass(frozen=True, slots=True)
class Laggard:
    """A task that may hold an old version."""

    service: str
    task: str
    """Its ARN."""
    created: float
    """Epoch seconds."""
    role: Role = "service"
    """`service`: its service keeps it until it is deployed anew. `leaving`: ECS is ending it, but it may still finish
    requests. `one-off`: a migration, which ends by itself."""
    task_definition: str = ""
    """ARN of what it runs."""


def laggards(cluster: str, prefix: str, services: Sequence[str], since: float) -> list[Laggard]:
    """Tasks of `services`, by their families `<prefix>-<service>`, that were created at or before `since`."""
    return [task for task in tasks(cluster, prefix, services) if task.created <= since]


def tasks(cluster: str, prefix: str, services: Sequence[str]) -> list[Laggard]:
    """Every task of `services` whose containers have started to read their secrets and are not all gone."""
    return [found for service in services for found in _tasks(cluster, f"{prefix}-{service}", service)]


def _tasks(cluster: str, family: str, service: str) -> Iterator[Laggard]:
    ecs = client("ecs")
    # What ECS has decided to end is listed as STOPPED from then on, while its load balancer still drains it.
    wanted: tuple[DesiredStatusType, ...] = ("RUNNING", "STOPPED")
    arns = [
        arn
        for status in wanted
        for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster, family=family, desiredStatus=status)
        for arn in page["taskArns"]
    ]
    # A task may move from one list to the other between the two calls.
    arns = list(dict.fromkeys(arns))
    for begin in range(0, len(arns), DESCRIBED_AT_ONCE):
        for task in ecs.describe_tasks(cluster=cluster, tasks=arns[begin : begin + DESCRIBED_AT_ONCE])["tasks"]:
            created = task.get("createdAt")
            # Not created yet: it has read nothing.
            if created is not None and task.get("lastStatus") != "STOPPED":
                yield Laggard(
                    service,
                    task.get("taskArn", ""),
                    created.timestamp(),
                    _role(task),
                    task.get("taskDefinitionArn", ""),
                )


def _role(task: TaskTypeDef) -> Role:
    if task.get("desiredStatus") == "STOPPED":
        return "leaving"
    return "service" if task.get("group", "").startswith("service:") else "one-off"
