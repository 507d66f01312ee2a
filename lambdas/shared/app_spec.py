"""The AppSpec of a CodeDeploy deployment for ECS, as CloudFormation's custom resource hands it over: JSON in a string."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef


def content(deployment: DeploymentInfoTypeDef) -> str:
    """The AppSpec of a deployment, as GetDeployment describes it; empty without one."""
    revision = deployment.get("revision") or {}
    # CodeDeploy still answers with `string`, which `appSpecContent` replaces, to those who created with it.
    return (revision.get("appSpecContent") or revision.get("string") or {}).get("content") or ""


def task_definition(content: str) -> str | None:
    """ARN of the revision that it makes live; None where JSON has none."""
    try:
        return str(json.loads(content)["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"])
    except (ValueError, LookupError, TypeError):
        return None
