"""What a task definition says about what runs: image digests, ports, commands, variables."""

from collections.abc import Mapping
from typing import Any

from moto.ecs.models import TaskDefinition, ecs_backends

STOP_SECONDS = 30
"""Between SIGTERM and SIGKILL when a container says nothing else:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)."""


def definition_of(arn_or_name: str, *, account: str, region: str) -> TaskDefinition:
    """Return a task definition by ARN, `family:revision` or family."""
    return ecs_backends[account][region].describe_task_definition(arn_or_name)


def container(definition: TaskDefinition, name: str | None = None) -> dict[str, Any]:
    """Return the named container; the first essential one when none is named."""
    containers: list[dict[str, Any]] = definition.container_definitions
    if name:
        return next(one for one in containers if one["name"] == name)
    return next((one for one in containers if one.get("essential", True)), containers[0])


def digest(image: str) -> str:
    """Return an image's digest, empty when it is named by a tag."""
    return image.partition("@")[2]


def stop_seconds(definition: TaskDefinition) -> int:
    """Return how long the slowest container may take to end."""
    containers: list[dict[str, Any]] = definition.container_definitions
    return max(int(one.get("stopTimeout") or STOP_SECONDS) for one in containers)


def environment(of: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, str]:
    """Return a container's plain variables, overridden ones included. Secrets are the data plane's affair."""
    pairs = [*(of.get("environment") or []), *(override.get("environment") or [])]
    return {pair["name"]: pair["value"] for pair in pairs}
