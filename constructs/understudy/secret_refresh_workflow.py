"""What happens between the calls of the function that refreshes services, in the Amazon States Language."""

from __future__ import annotations

from typing import Any, Final

from understudy.polling_workflow import polling

SCHEDULED: Final = {"scheduled": True}
"""Input of the executions that the clock starts. A person's is `{}`, and a rotation's has a name that says so."""


def refresh_workflow(function_arn: str, *, limit_seconds: int) -> dict[str, Any]:
    """One refresh: polls the function until every service that can move has moved.

    Whether it waits for more rotations first is the function's business, which sees when the last one was; so an execution
    of the clock's that finds nothing is over after one look.
    """
    return {
        "Comment": "Brings services to the newest values of their secrets, then has old logins made invalid",
        "StartAt": "Who",
        "TimeoutSeconds": limit_seconds,
        "States": {
            "Who": {
                "Type": "Choice",
                "Choices": [
                    {
                        "And": [
                            {"Variable": "$.scheduled", "IsPresent": True},
                            {"Variable": "$.scheduled", "BooleanEquals": True},
                        ],
                        "Next": "Clock",
                    }
                ],
                "Default": "Somebody",
            },
            "Clock": _request(scheduled=True),
            "Somebody": _request(scheduled=False),
            **polling(
                function={"FunctionName": function_arn},
                payload={"request.$": "$.request"},
                succeeded={"Type": "Succeed"},
                failed={
                    "Type": "Fail",
                    "Error": "NotRefreshed",
                    "Cause": "A service still runs with old secrets, or an old login is valid still: the message says which",
                },
            ),
        },
    }


def _request(*, scheduled: bool) -> dict[str, Any]:
    return {
        "Type": "Pass",
        "Parameters": {"request": {"refresh.$": "$$.Execution.Name", "scheduled": scheduled}},
        "Next": "Ask",
    }
