"""Step Functions: executions run, and tell their history."""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.models import Execution
from moto.stepfunctions.responses import StepFunctionResponse

from rehearsal.emulator.engines import workflows
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.supplied.shelf import supply

_history_of_moto: Any = Execution.get_execution_history


def start_execution(self: StepFunctionResponse) -> ActionResult:
    """Start an execution; one that runs already under that name, with that input, is the answer to a second start."""
    backend = self.stepfunction_backend
    machine = backend.describe_state_machine(self._get_param("stateMachineArn"))
    known = {execution.execution_arn for execution in machine.executions}
    execution = backend.start_execution(
        machine.arn, self._get_param("name"), self._get_param("input", if_none=json.dumps({}))
    )
    if execution.execution_arn not in known:
        execution.start_date = SETTING.clock.now()
        workflows.start(machine, execution)
    return ActionResult({"executionArn": execution.execution_arn, "startDate": execution.start_date})


def get_execution_history(self: Execution, roleArn: str) -> list[dict[str, Any]]:  # noqa: N803  # moto's name
    """Return what happened."""
    history: list[dict[str, Any]] | None = getattr(self, "history", None)
    return _history_of_moto(self, roleArn) if history is None else history


def install() -> None:
    """Run executions from now on."""
    supply(StepFunctionResponse, start_execution=start_execution)
    runnable: Any = Execution
    runnable.get_execution_history = get_execution_history
