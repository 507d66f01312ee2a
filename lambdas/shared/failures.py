"""What the engines say about a deployment that failed, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def of_codedeploy(deployment: Mapping[str, Any]) -> list[str]:
    """From GetDeployment's `deploymentInfo`."""
    error = deployment.get("errorInformation") or {}
    rollback = deployment.get("rollbackInfo") or {}
    said = [f"CodeDeploy says {error['code']}: {error.get('message', '')}".rstrip(": ")] if error.get("code") else []
    if message := rollback.get("rollbackMessage"):
        said.append(f"CodeDeploy says: {message}")
    return said


def of_ecs(deployment: Mapping[str, Any]) -> list[str]:
    """From DescribeServiceDeployments."""
    rollback = (deployment.get("rollback") or {}).get("reason")
    alarms = (deployment.get("alarms") or {}).get("triggeredAlarmNames") or []
    breaker = (deployment.get("deploymentCircuitBreaker") or {}).get("status")
    hooks: list[Any] = deployment.get("lifecycleHookDetails") or []
    said = [f"ECS says: {text}" for text in dict.fromkeys((rollback, deployment.get("statusReason"))) if text]
    said += [f"the alarm {name} was red" for name in alarms]
    said += ["ECS gave up starting tasks of the new version"] if breaker == "TRIGGERED" else []
    said += ["a hook gave no answer in time" for hook in hooks if hook.get("status") == "TIMED_OUT"]
    return said
