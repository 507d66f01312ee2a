"""ECS as far as rotations see it: a task for each consumer, created before its secret is read."""

from __future__ import annotations

from typing import Any, Final

from moto.ecs.models import ecs_backends
from moto.moto_api import state_manager

from shared import clock
from shared.aws import client

KEPT: Final = 20
"""Stopped tasks that ECS remembers; in AWS, those of the last hour."""


class Tasks:
    """The tasks of one cluster, within `mock_aws`."""

    def __init__(self, account: str, region: str, *, cluster: str, prefix: str, services: list[str]) -> None:
        self._backend = ecs_backends[account][region]
        self._cluster, self._prefix = cluster, prefix
        # moto would end a task that is looked at.
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
        ecs = client("ecs")
        ecs.create_cluster(clusterName=cluster)
        for service in services:
            containers: list[Any] = [{"name": service, "image": "consumer", "memory": 64}]
            ecs.register_task_definition(family=f"{prefix}-{service}", containerDefinitions=containers)

    def run(self, service: str) -> str:
        """Create a task. Its ARN."""
        answer = client("ecs").run_task(
            cluster=self._cluster,
            taskDefinition=f"{self._prefix}-{service}",
            launchType="FARGATE",
            group=f"service:{service}",
        )
        arn = str(answer["tasks"][0].get("taskArn"))
        # moto keeps no such moment, but tells one that is there.
        setattr(self._backend.tasks[self._cluster][arn], "created_at", clock.now())  # noqa: B010
        return arn

    def stop(self, arn: str) -> None:
        """End a task, and forget those that ended long ago."""
        client("ecs").stop_task(cluster=self._cluster, task=arn, reason="replaced")
        tasks = self._backend.tasks[self._cluster]
        stopped = [name for name, task in tasks.items() if task.desired_status == "STOPPED"]
        for name in stopped[:-KEPT]:
            del tasks[name]
