"""Tasks that run once, such as migrations: RunTask, and what DescribeTasks then shows."""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rehearsal.emulator.engines import task_definitions
from rehearsal.emulator.engines.data_plane import OneOffOrder
from rehearsal.emulator.engines.setting import SETTING, now


@dataclass(kw_only=True)
class OneOffTask:
    """A task that RunTask started."""

    account: str
    region: str
    cluster_arn: str
    definition: Any
    "moto's task definition."
    overrides: Mapping[str, Any]
    started_by: str
    client_token: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: datetime = field(default_factory=now)
    stopped_reason: str = ""

    @property
    def arn(self) -> str:
        """The task's ARN."""
        return f"arn:aws:ecs:{self.region}:{self.account}:task/{self.cluster_arn.rpartition('/')[2]}/{self.id}"

    def begin(self) -> None:
        """Have it run."""
        overrides = self.overrides.get("containerOverrides") or []
        override = next((one for one in overrides if one.get("command")), overrides[0] if overrides else {})
        container = task_definitions.container(self.definition, override.get("name"))
        SETTING.data_plane.run(
            OneOffOrder(
                id=self.id,
                image_digest=task_definitions.digest(container["image"]),
                command=tuple(override.get("command") or container.get("command") or ()),
                environment=task_definitions.environment(container, override),
                task_definition=self.definition.arn,
            )
        )

    def described(self) -> dict[str, Any]:
        """Return it as DescribeTasks shows it."""
        status, exit_code = ("STOPPED", None) if self.stopped_reason else SETTING.data_plane.outcome(self.id)
        named = {one.get("name") for one in self.overrides.get("containerOverrides") or []}
        main = next(iter(named), None) or task_definitions.container(self.definition)["name"]
        containers = [
            {
                "name": one["name"],
                "image": one["image"],
                "imageDigest": task_definitions.digest(one["image"]),
                "taskArn": self.arn,
                "lastStatus": status,
                **({"exitCode": exit_code} if one["name"] == main and exit_code is not None else {}),
            }
            for one in self.definition.container_definitions
        ]
        ended = status == "STOPPED"
        reason = self.stopped_reason or "Essential container in task exited"
        code = "UserInitiated" if self.stopped_reason else "EssentialContainerExited"
        return {
            "taskArn": self.arn,
            "clusterArn": self.cluster_arn,
            "taskDefinitionArn": self.definition.arn,
            "group": f"family:{self.definition.family}",
            "startedBy": self.started_by,
            "lastStatus": status,
            "desiredStatus": "STOPPED" if ended else "RUNNING",
            "launchType": "FARGATE",
            "overrides": dict(self.overrides),
            "containers": containers,
            "createdAt": self.created,
            **({"stoppedReason": reason, "stopCode": code, "stoppedAt": SETTING.clock.now()} if ended else {}),
        }


_TASKS: dict[str, OneOffTask] = {}
_LOCK = threading.Lock()


def run(wanted: OneOffTask) -> OneOffTask:
    """Have a task run; one of the same client token is the answer to a second call (ECS API, RunTask: idempotency)."""
    with _LOCK:
        known = next(
            (
                task
                for task in _TASKS.values()
                if wanted.client_token
                and task.client_token == wanted.client_token
                and task.cluster_arn == wanted.cluster_arn
            ),
            None,
        )
        if known:
            return known
        _TASKS[wanted.arn] = wanted
    wanted.begin()
    return wanted


def in_cluster(cluster_arn: str) -> list[OneOffTask]:
    """Return the tasks that ran, or run, in a cluster."""
    with _LOCK:
        return [task for task in _TASKS.values() if task.cluster_arn == cluster_arn]
