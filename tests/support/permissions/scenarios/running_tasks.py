"""Tasks of an environment's services as ECS lists and describes them: who holds which value of a secret hangs on their age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from permissions.recorded_aws import Answer, Refused
from permissions.scene import Scene

LONG_AGO: Final = timedelta(days=2)
"""Before everything that a scenario tells of."""
YET_TO_COME: Final = timedelta(days=1)
"""After all that a scenario does: such a task has every new value."""


@dataclass
class RunningTasks:
    """One task of each service, of whatever age."""

    scene: Scene
    old: set[str] = field(default_factory=set)
    """Services whose task is older than everything; those of the others are newer."""

    def definition(self, service: str) -> str:
        """ARN of what the tasks of `service` run."""
        return self.scene.arn("ecs", f"task-definition/{self._prefix}-{service}:1")

    def answers(self) -> dict[str, Answer | Refused]:
        """What ECS answers about them."""
        return {"ecs.ListTasks": self._list, "ecs.DescribeTasks": self._describe}

    @property
    def _prefix(self) -> str:
        return self.scene.variables["PREFIX"]

    def _list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        service = asked["family"].removeprefix(f"{self._prefix}-")
        running = asked["desiredStatus"] == "RUNNING"
        return {"taskArns": [self.scene.arn("ecs", f"task/{asked['cluster']}/{service}")] if running else []}

    def _describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"tasks": [self._task(arn) for arn in asked["tasks"]], "failures": []}

    def _task(self, arn: str) -> dict[str, Any]:
        service = arn.rpartition("/")[2]
        now = datetime.now(UTC)
        return {
            "taskArn": arn,
            "taskDefinitionArn": self.definition(service),
            "group": f"service:{service}",
            "desiredStatus": "RUNNING",
            "lastStatus": "RUNNING",
            "createdAt": now - LONG_AGO if service in self.old else now + YET_TO_COME,
        }
