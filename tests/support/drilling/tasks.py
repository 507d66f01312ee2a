"""Tasks of drills, as ECS has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from failing_over.names import PREFIX
from permissions.recorded_aws import Answer, Refused

STARTING, HEALTHY = 30.0, 12.0
"""Seconds."""


@dataclass
class Task:
    """One of them."""

    family: str
    token: str
    made_at: float
    variables: Mapping[str, str]
    stopped: str = ""
    """Why; empty while it runs."""


@dataclass
class Tasks:
    """By ARN."""

    now: Callable[[], float]
    there: dict[str, Task] = field(default_factory=dict)
    refusal: str = ""
    healthy: bool = True

    def answers(self) -> dict[str, Answer | Refused]:
        """By operation."""
        return {
            "ecs.RunTask": self._run,
            "ecs.ListTasks": self._list,
            "ecs.DescribeTasks": self._describe,
            "ecs.StopTask": self._stop,
        }

    @property
    def running(self) -> list[Task]:
        """Those that nobody has stopped."""
        return [task for task in self.there.values() if not task.stopped]

    def _run(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        network = asked["networkConfiguration"]["awsvpcConfiguration"]
        assert (["sg-drill"], "DISABLED") == (network["securityGroups"], network["assignPublicIp"])
        (override,) = asked["overrides"]["containerOverrides"]
        assert "command" not in override
        if self.refusal:
            return {"tasks": [], "failures": [{"reason": self.refusal}]}
        known = {task.token: arn for arn, task in self.there.items()}
        arn = known.get(asked["clientToken"], f"arn:aws:ecs:us-east-1:123456789012:task/{PREFIX}/{len(self.there)}")
        if arn not in self.there:
            variables = {each["name"]: each["value"] for each in override["environment"]}
            self.there[arn] = Task(asked["taskDefinition"], asked["clientToken"], self.now(), variables)
        return {"tasks": [self._described(arn)], "failures": []}

    def _list(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert "RUNNING" == asked["desiredStatus"]
        return {
            "taskArns": [arn for arn, task in self.there.items() if task.family == asked["family"] and not task.stopped]
        }

    def _describe(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"tasks": [self._described(arn) for arn in asked["tasks"] if arn in self.there], "failures": []}

    def _stop(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.there[asked["task"]].stopped = asked["reason"]
        return {"task": self._described(asked["task"])}

    def _described(self, arn: str) -> dict[str, Any]:
        task, now = self.there[arn], self.now()
        started = task.made_at + STARTING
        runs = now >= started
        told: dict[str, Any] = {
            "taskArn": arn,
            "startedBy": task.token,
            "createdAt": datetime.fromtimestamp(task.made_at, UTC),
            "lastStatus": "STOPPED" if task.stopped else "RUNNING" if runs else "PENDING",
            "stoppedReason": task.stopped,
            "healthStatus": "HEALTHY" if self.healthy and now >= started + HEALTHY else "UNKNOWN",
            "containers": [],
        }
        if runs:
            told["startedAt"] = datetime.fromtimestamp(started, UTC)
            details = [{"name": "privateIPv4Address", "value": f"10.0.0.{len(self.there)}"}]
            told["attachments"] = [{"type": "ElasticNetworkInterface", "details": details}]
        return told
