"""The order of a failover's steps, and where each leads when it fails, in the Amazon States Language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from understudy.polling_workflow import ANSWER, RETRY, verdict

Where = Literal["control", "database"]

BEFORE: Final[Sequence[tuple[str, Where]]] = (
    ("assess", "control"),
    ("lock", "control"),
    ("approve", "control"),
    ("gate", "database"),
    ("fence", "control"),
    ("catch_up", "database"),
    ("take", "control"),
)
"""Steps that are undone when one of them fails."""
AFTER: Final[Sequence[tuple[str, Where]]] = (
    ("promote", "control"),
    ("promoted", "database"),
    ("open", "database"),
    ("scale", "control"),
    ("files", "control"),
    ("switch", "control"),
    ("verify", "control"),
    ("report", "control"),
)
"""Steps that have no way back: when one of them fails, a person says whether it is tried again."""

NO_RETURN: Final = "PointOfNoReturn"
LIMIT_SECONDS: Final = 24 * 3600
CALL_SECONDS: Final = 120
"""More than any of the functions may take."""
RETRIES: Final[Sequence[Mapping[str, Any]]] = (
    *RETRY,
    # What a function raises is what it could not even write down; the table may answer in a moment.
    {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 2},
)


def failover_workflow(functions: Mapping[Where, str]) -> dict[str, Any]:
    """The state machine; `functions`: ARNs.

    Input: `{"mode": ..., "environment": ..., "because": ..., "by": ..., "accept_loss_seconds": ...}` (docs/recovery.md).
    Before the point of no return a failure leads to the way back, afterwards to a person. An execution that starts where another
    one has ended walks the same way: what is written down as done is passed at once.
    """
    states: dict[str, Any] = {}
    for steps, following, failed in ((BEFORE, NO_RETURN, "Undo"), (AFTER, "Unlock", "GoOn")):
        nexts = [step_name(step) for step, _ in steps[1:]] + [following]
        for (step, where), succeeded in zip(steps, nexts, strict=True):
            states |= step_states(step, functions[where], succeeded=succeeded, failed=failed)
    states[NO_RETURN] = {
        "Type": "Pass",
        "Comment": "Until here everything can be undone. From here on there is no way back, only forward",
        "Next": step_name(AFTER[0][0]),
    }
    control = functions["control"]
    states |= ending("undo", control, succeeded="NotFailedOver", failed="NotUndone", failure=True)
    states |= ending("go_on", control, succeeded=step_name(AFTER[0][0]), failed="Stop", failure=True)
    states |= ending("stop", control, succeeded="UnlockStopped", failed="UnlockStopped", failure=True)
    states |= ending("unlock", control, succeeded="FailedOver", failed="FailedOver")
    states |= ending("unlock", control, named="UnlockStopped", succeeded="Stopped", failed="Stopped")
    states |= {
        "FailedOver": {"Type": "Succeed"},
        "NotFailedOver": {
            "Type": "Fail",
            "Error": "NotFailedOver",
            "Cause": "It was given up before the point of no return, and nothing is changed: the message says why",
        },
        "NotUndone": {
            "Type": "Fail",
            "Error": "NotUndone",
            "Cause": "It was given up before the point of no return, and could not be undone: the next execution does that first",
        },
        "Stopped": {
            "Type": "Fail",
            "Error": "Stopped",
            "Cause": "It stopped past the point of no return, and has to be gone on with: the message says how",
        },
    }
    return {
        "Comment": "Makes the waiting region the active one, or leaves everything as it was",
        "StartAt": step_name(BEFORE[0][0]),
        "TimeoutSeconds": LIMIT_SECONDS,
        "States": states,
    }


def step_name(step: str) -> str:
    """Of its state."""
    return "".join(part.capitalize() for part in step.split("_"))


def step_states(step: str, function_arn: str, *, succeeded: str, failed: str) -> dict[str, Any]:
    """A step, and how its failure is told to whoever deals with it."""
    name = step_name(step)
    told = {
        f"{name}Failed": _failure({"step": step, "reason.$": f"{ANSWER}.reason"}, failed),
        f"{name}Silent": _failure({"step": step}, failed),
    }
    return (
        _polled(step, function_arn, named=name, succeeded=succeeded, failed=(f"{name}Failed", f"{name}Silent")) | told
    )


def _failure(failure: Mapping[str, str], following: str) -> dict[str, Any]:
    return {"Type": "Pass", "Parameters": failure, "ResultPath": "$.failed", "Next": following}


def ending(
    step: str, function_arn: str, *, succeeded: str, failed: str, named: str | None = None, failure: bool = False
) -> dict[str, Any]:
    """A step that deals with the end, or, with `failure`, with another one's, which it is told."""
    states = _polled(step, function_arn, named=named or step_name(step), succeeded=succeeded, failed=(failed, failed))
    if failure:
        states[named or step_name(step)]["Parameters"]["Payload"]["failed.$"] = "$.failed"
    return states


def _polled(step: str, function_arn: str, *, named: str, succeeded: str, failed: tuple[str, str]) -> dict[str, Any]:
    """Ask the function until it has a verdict. `failed`: where to go with a reason, and without one."""
    with_reason, without = failed
    payload = {
        "step": step,
        "execution.$": "$$.Execution.Id",
        "started_at.$": "$$.Execution.StartTime",
        "input.$": "$$.Execution.Input",
    }
    return {
        named: {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function_arn, "Payload": payload},
            "TimeoutSeconds": CALL_SECONDS,
            "ResultPath": "$.answer",
            "Retry": [dict(each) for each in RETRIES],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": without}],
            "Next": f"{named}Verdict",
        },
        f"{named}Verdict": verdict(succeeded=succeeded, wait=f"{named}Wait", failed=with_reason, otherwise=without),
        f"{named}Wait": {"Type": "Wait", "SecondsPath": f"{ANSWER}.wait_seconds", "Next": named},
    }
