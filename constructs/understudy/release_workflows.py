"""What happens between the calls of a release's functions, in the Amazon States Language."""

from __future__ import annotations

from typing import Any, Final

from understudy.polling_workflow import polling

HOUR: Final = 3600
"""How long CodeDeploy waits for a hook's answer (User Guide, AppSpec hooks for ECS); later, nobody listens."""

STATUS: Final = "arn:aws:states:::aws-sdk:codedeploy:putLifecycleEventHookExecutionStatus"

TOO_LATE: Final = "CodeDeploy.LifecycleEventAlreadyCompletedException"
"""The hook has been answered, or its deployment was stopped in the meantime."""


def hook_workflow() -> dict[str, Any]:
    """One hook of one CodeDeploy deployment: polls the function that started it, then answers CodeDeploy.

    Input: `{"function_arn": ..., "deployment_id": ..., "hook_execution_id": ...}`.
    """
    step = {
        "function_arn.$": "$.function_arn",
        "deployment_id.$": "$.deployment_id",
        "hook_execution_id.$": "$.hook_execution_id",
    }
    return {
        "Comment": "Polls a hook until it has a verdict, and answers CodeDeploy",
        "StartAt": "Ask",
        "TimeoutSeconds": HOUR,
        "States": {
            **polling(
                function={"FunctionName.$": "$.function_arn"},
                payload={"step": step},
                succeeded=_answer("Succeeded"),
                failed=_answer("Failed"),
            ),
            "TooLate": {"Type": "Succeed"},
        },
    }


def _answer(status: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": STATUS,
        "Parameters": {
            "DeploymentId.$": "$.deployment_id",
            "LifecycleEventHookExecutionId.$": "$.hook_execution_id",
            "Status": status,
        },
        "Catch": [{"ErrorEquals": [TOO_LATE], "Next": "TooLate"}],
        "Retry": [
            {"ErrorEquals": [TOO_LATE], "MaxAttempts": 0},
            {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 5, "BackoffRate": 2},
        ],
        "End": True,
    }


def watch_workflow(function_arn: str, *, limit_seconds: int) -> dict[str, Any]:
    """One deployment of a service: polls the function that watches it. Input: EventBridge's event about its start."""
    return {
        "Comment": "Watches one deployment to its end",
        "StartAt": "Engine",
        "TimeoutSeconds": limit_seconds,
        "States": {
            "Engine": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.source", "StringEquals": "aws.codedeploy", "Next": "CodeDeploy"}],
                "Default": "ECS",
            },
            "CodeDeploy": {
                "Type": "Pass",
                "Parameters": {"watch": {"engine": "codedeploy", "deployment_id.$": "$.detail.deploymentId"}},
                "Next": "Ask",
            },
            "ECS": {
                "Type": "Pass",
                "Parameters": {
                    "watch": {
                        "engine": "ecs",
                        "service_arn.$": "$.resources[0]",
                        "deployment_id.$": "$.detail.deploymentId",
                    }
                },
                "Next": "Ask",
            },
            **polling(
                function={"FunctionName": function_arn},
                payload={"watch.$": "$.watch"},
                succeeded={"Type": "Succeed"},
                failed={"Type": "Fail", "Error": "NotWatched", "Cause": "The function that watches gave no answer"},
            ),
        },
    }
