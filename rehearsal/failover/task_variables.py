"""What a task of a region is told at its start: variables and secrets of its task definition, as they are at that moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rehearsal.emulator.apis import Apis

Hosts = Callable[[], Mapping[str, int]]
"""Where the region finds databases: hosts to ports on loopback."""


class TaskVariables(Mapping[str, str]):
    """Looked up whenever somebody reads them: a task that starts later may be given another secret."""

    def __init__(self, apis: Apis, task_definition: str, hosts: Hosts, further: Mapping[str, str]) -> None:
        self._apis, self._task_definition, self._hosts, self._further = apis, task_definition, hosts, further

    def __getitem__(self, name: str) -> str:
        """One of them."""
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter(self._now())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._now())

    def now(self) -> dict[str, str]:
        """All of them. Raises ApiError."""
        return self._now()

    def _now(self) -> dict[str, str]:
        definition = self._apis.call("ecs", "describe_task_definition", {"taskDefinition": self._task_definition})
        found: dict[str, str] = {}
        for container in definition["taskDefinition"]["containerDefinitions"]:
            found |= {one["name"]: one["value"] for one in container.get("environment") or []}
            found |= {one["name"]: self._secret(one["valueFrom"]) for one in container.get("secrets") or []}
        host = found.get("DATABASE_HOST", "")
        return {**found, "DATABASE_PORT": str(self._hosts().get(host, 0)), **self._further}

    def _secret(self, value_from: str) -> str:
        # arn:aws:secretsmanager:<region>:<account>:secret:<name>:<key>:<stage>:<version>; the end may be missing.
        parts = value_from.split(":")
        arn, key = ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""
        answer: dict[str, Any] = self._apis.call("secretsmanager", "get_secret_value", {"SecretId": arn})
        text = str(answer["SecretString"])
        return str(json.loads(text)[key]) if key else text
