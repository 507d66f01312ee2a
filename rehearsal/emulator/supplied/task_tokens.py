"""Step Functions: answers to tasks that wait with a token."""

import json

from moto.core.responses import EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from rehearsal.emulator.engines import task_tokens
from rehearsal.emulator.supplied.shelf import given, missing, supply

Response = StepFunctionResponse


def send_task_success(self: Response) -> EmptyResult:
    """Let the task's state have this output."""
    return _sent(self, task_tokens.answer(given(self, "taskToken"), output=json.loads(given(self, "output"))))


def send_task_failure(self: Response) -> EmptyResult:
    """Let the task's state fail."""
    error, cause = given(self, "error") or "", given(self, "cause") or ""
    return _sent(self, task_tokens.answer(given(self, "taskToken"), error=error, cause=cause))


def _sent(response: Response, waited_for: bool) -> EmptyResult:  # noqa: FBT001  # what `answer` returned
    if not waited_for:
        raise missing(response, "TaskDoesNotExist", "Task")
    return EmptyResult()


def install() -> None:
    """Answer these operations from now on."""
    supply(Response, send_task_success=send_task_success, send_task_failure=send_task_failure)
