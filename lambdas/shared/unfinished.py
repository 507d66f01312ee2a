"""Which of the engines' deployments are still under way, by the statuses that the engines give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.literals import DeploymentStatusType
    from mypy_boto3_ecs.literals import ServiceDeploymentStatusType

UNFINISHED_BY_CODEDEPLOY: Final[tuple[DeploymentStatusType, ...]] = (
    "Created",
    "Queued",
    "InProgress",
    "Baking",
    "Ready",
)
UNFINISHED_BY_ECS: Final[tuple[ServiceDeploymentStatusType, ...]] = (
    "PENDING",
    "IN_PROGRESS",
    "STOP_REQUESTED",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
)
