"""The order of a drill's steps, in the Amazon States Language: whatever comes of them, everything is removed and reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from understudy.failover_workflow import ending, step_name, step_states

Where = Literal["control", "inside"]

STEPS: Final[Sequence[tuple[str, Where]]] = (
    ("begin", "control"),
    ("point", "inside"),
    ("restore", "control"),
    ("follow", "control"),
    ("promote", "control"),
    ("open", "inside"),
    ("start", "control"),
    ("healthy", "control"),
    ("verify", "inside"),
)
"""In their order. When one of them fails, what was made is removed all the same."""
LIMIT_SECONDS: Final = 20 * 3600
"""More than all steps together may take, for a large database (lambdas/failover/drill/look.py)."""


def drill_workflow(functions: Mapping[Where, str]) -> dict[str, Any]:
    """The state machine; `functions`: ARNs. Input: `{"environment": ..., "because": ..., "by": ...}` (docs/recovery.md)."""
    states: dict[str, Any] = {}
    nexts = [step_name(step) for step, _ in STEPS[1:]] + ["Remove"]
    for (step, where), succeeded in zip(STEPS, nexts, strict=True):
        states |= step_states(step, functions[where], succeeded=succeeded, failed="Note")
    control = functions["control"]
    states |= ending("remove", control, succeeded="Report", failed="Report")
    states |= ending("report", control, succeeded="Held", failed="NotHeld")
    states |= ending("note", control, succeeded="CleanUp", failed="CleanUp", failure=True)
    states |= ending(
        "remove", control, named="CleanUp", succeeded="ReportFailure", failed="ReportFailure", failure=True
    )
    states |= ending("report", control, named="ReportFailure", succeeded="NotHeld", failed="NotHeld", failure=True)
    states |= {
        "Held": {"Type": "Succeed"},
        "NotHeld": {
            "Type": "Fail",
            "Error": "NotHeld",
            "Cause": "The drill did not come to its end, or an objective was missed: the message and the last answer say which",
        },
    }
    return {
        "Comment": "A failover's steps on a copy of the database, measured; everything that it makes is removed",
        "StartAt": step_name(STEPS[0][0]),
        "TimeoutSeconds": LIMIT_SECONDS,
        "States": states,
    }
