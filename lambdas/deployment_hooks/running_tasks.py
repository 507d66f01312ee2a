"""Reads which tasks of a service run, and which targets the load balancer finds healthy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from shared.aws import client
from shared.plan import Plan

_DESCRIBED_AT_ONCE: Final = 100
"""DescribeTasks takes no more."""


@dataclass(frozen=True, slots=True)
class RunningTask:
    """One task of a service."""

    id: str
    status: str
    digest: str | None
    """Of the service's container; None until its image is pulled."""


def of_task_definition(plan: Plan, task_definition: str) -> list[RunningTask]:
    """The service's tasks that are made from `task_definition` and are meant to run."""
    name = plan.ecs_service.rsplit("/", 1)[-1]
    ecs = client("ecs")
    pages = ecs.get_paginator("list_tasks").paginate(cluster=plan.cluster, serviceName=name, desiredStatus="RUNNING")
    arns = [arn for page in pages for arn in page["taskArns"]]
    found: list[RunningTask] = []
    for begin in range(0, len(arns), _DESCRIBED_AT_ONCE):
        batch = arns[begin : begin + _DESCRIBED_AT_ONCE]
        for task in ecs.describe_tasks(cluster=plan.cluster, tasks=batch)["tasks"]:
            if task.get("taskDefinitionArn") == task_definition and task.get("group") == f"service:{name}":
                containers = task.get("containers") or []
                ours = next((each for each in containers if each.get("name") == plan.container), None) or {}
                found.append(
                    RunningTask(
                        task.get("taskArn", "").rsplit("/", 1)[-1], task.get("lastStatus", ""), ours.get("imageDigest")
                    )
                )
    return found


def target_health(target_group_arn: str) -> Counter[str]:
    """How many targets of the group are `healthy`, `initial`, `unhealthy`, `draining` or `unavailable`."""
    described = client("elbv2").describe_target_health(TargetGroupArn=target_group_arn)["TargetHealthDescriptions"]
    return Counter(str((target.get("TargetHealth") or {}).get("State")) for target in described)
