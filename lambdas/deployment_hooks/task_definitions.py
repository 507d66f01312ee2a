"""Reads task definitions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from deployment_hooks.release_state import TaskDefinition, Unfit
from shared.aws import client

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskDefinitionTypeDef

IDENTITY: Final = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "family",
        "registeredAt",
        "deregisteredAt",
        "deleteRequestedAt",
        "registeredBy",
        "requiresAttributes",
        "compatibilities",
    }
)
"""Fields that say which revision it is, not what its tasks do."""


def described(arn: str, container: str) -> TaskDefinition:
    """The task definition `arn`, as its container named `container` has it. Raises Unfit when it has none of that name."""
    definition = client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    ours = _container(definition, container, arn)
    options: dict[str, str] = (ours.get("logConfiguration") or {}).get("options") or {}
    return TaskDefinition(
        arn=definition["taskDefinitionArn"],
        digest=_digest(str(ours.get("image", ""))),
        content=json.dumps(
            {name: value for name, value in definition.items() if name not in IDENTITY}, sort_keys=True, default=str
        ),
        log_group=options.get("awslogs-group"),
        log_stream_prefix=options.get("awslogs-stream-prefix"),
    )


def _container(definition: TaskDefinitionTypeDef, name: str, arn: str) -> Any:  # noqa: ANN401 - a dict of many shapes
    for container in definition.get("containerDefinitions", []):
        if container.get("name") == name:
            return container
    raise Unfit(f"{arn} has no container named {name}")


def _digest(image: str) -> str | None:
    _, at, digest = image.partition("@")
    return digest if at and digest.startswith("sha256:") else None
