"""Executions of state machines: started by the API or by a rule, their tasks' calls going to the emulator's own services."""

import json
from typing import Any

from botocore import xform_name
from moto.stepfunctions.models import Execution, StateMachine, stepfunctions_backends

from rehearsal.emulator.apis import ApiError
from rehearsal.emulator.engines import function_runner, holds, journal, reach
from rehearsal.emulator.engines.setting import SETTING, in_background
from rehearsal.emulator.engines.state_machine import Run, StateError
from rehearsal.emulator.fitting import fit
from rehearsal.emulator.values import Json

SDK = "arn:aws:states:::aws-sdk:"
INVOKE = "arn:aws:states:::lambda:invoke"
SERVICES = {
    "arn:aws:states:::sns:publish": ("sns", "publish"),
    "arn:aws:states:::states:startExecution": ("stepfunctions", "start_execution"),
    "arn:aws:states:::dynamodb:getItem": ("dynamodb", "get_item"),
    "arn:aws:states:::dynamodb:putItem": ("dynamodb", "put_item"),
    "arn:aws:states:::dynamodb:updateItem": ("dynamodb", "update_item"),
    "arn:aws:states:::dynamodb:deleteItem": ("dynamodb", "delete_item"),
}
"""Step Functions' optimized integrations that are one call of an API (Developer Guide, "Integrating optimized services")."""


def start(machine: StateMachine, execution: Execution) -> None:
    """Have an execution run beside the request that started it."""
    in_background(f"execution {execution.name}", _run, machine, execution)


def start_for_event(arn: str, given: Json, *, name: str) -> None:
    """Start the state machine of a rule's target."""
    _, _, _, region, account, *_ = arn.split(":")
    machine = stepfunctions_backends[account][region].describe_state_machine(arn)
    execution = machine.start_execution(region, account, name, json.dumps(given))
    execution.start_date = SETTING.clock.now()
    start(machine, execution)


def _run(machine: StateMachine, execution: Execution) -> None:
    run = Run(
        definition=json.loads(machine.definition),
        task=lambda resource, parameters: _task(resource, parameters, execution),
        clock=SETTING.clock,
        context={
            "Execution": {
                "Id": execution.execution_arn,
                "Name": execution.name,
                "Input": json.loads(execution.execution_input),
                "StartTime": SETTING.clock.now().isoformat(),
                "RoleArn": machine.roleArn,
            },
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        },
        stopped=lambda: execution.status == "ABORTED",
        entering=lambda state: _entering(machine, execution, state),
    )
    execution.history = run.history  # type: ignore[attr-defined]  # shown by GetExecutionHistory
    try:
        output = run.output(json.loads(execution.execution_input))
    except StateError as error:
        if execution.status != "ABORTED":
            execution.error, execution.cause = error.name, error.cause
            execution.status = "TIMED_OUT" if error.name == "States.Timeout" and not run.history else "FAILED"
    except Exception as error:
        execution.error, execution.cause, execution.status = "States.Runtime", str(error), "FAILED"
        raise
    else:
        execution.output, execution.status = json.dumps(output), "SUCCEEDED"
    finally:
        execution.stop_date = SETTING.clock.now()
        if not express(machine):
            ending = f"{execution.status} {execution.error or ''} {execution.cause or ''}".strip()
            journal.note("execution", execution.region_name, ending, machine=machine.name, execution=execution.name)
        ended = {"ABORTED": "Aborted", "SUCCEEDED": "Succeeded"}.get(execution.status, "Failed")
        run.history.append(
            {
                "timestamp": SETTING.clock.now(),
                "type": f"Execution{ended}",
                "id": len(run.history) + 1,
                "previousEventId": len(run.history),
            }
        )


def _entering(machine: StateMachine, execution: Execution, state: str) -> None:
    # In a dark region nothing goes on; it does afterwards.
    reach.wait_for_light(execution.region_name)
    if not express(machine):
        journal.note("state", execution.region_name, state, machine=machine.name, execution=execution.name)
    holds.pass_by(machine.name, state, execution.region_name)
    reach.wait_for_light(execution.region_name)


def express(machine: StateMachine) -> bool:
    """Tell whether nobody is told what its executions do: there are too many."""
    return bool(machine.type == "EXPRESS")


def _task(resource: str, parameters: Json, execution: Execution) -> Json:
    if resource == INVOKE:
        payload = _invoked(parameters["FunctionName"], parameters.get("Payload", {}), execution)
        return {"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200}
    if ":function:" in resource:
        return _invoked(resource, parameters, execution)
    if resource in SERVICES:
        service, operation = SERVICES[resource]
        return _called(service, operation, parameters, execution)
    if resource.startswith(SDK):
        service, action = resource.removeprefix(SDK).split(":")
        return _called(service, xform_name(action[0].upper() + action[1:]), parameters, execution)
    raise StateError("States.Runtime", f"{resource} is not understood here")


def _invoked(name: str, event: Json, execution: Execution) -> Json:
    function = function_runner.function_of(name, account=execution.account_id, region=execution.region_name)
    if function is None:
        raise StateError("Lambda.ResourceNotFoundException", f"there is no function {name}")
    if not function_runner.runs(function):
        raise StateError("States.Runtime", f"{name} is not in Python: it is not run here")
    answer = function_runner.invoke(function, event)
    if answer.failed:
        kind = (answer.payload or {}).get("errorType", "Lambda.Unknown")
        raise StateError(kind, json.dumps(answer.payload))
    return answer.payload


def _called(service: str, operation: str, parameters: Json, execution: Execution) -> Json:
    apis = SETTING.apis(execution.account_id, execution.region_name)
    try:
        # Step Functions spells parameters in PascalCase, whatever the service does.
        shape = apis.shape(service, operation)
        unknown: list[str] = []
        fitted: dict[str, Any] = fit(shape, parameters, unknown)
        if unknown:
            raise StateError("States.Runtime", f"{service}:{operation} takes no {', '.join(unknown)}")
        return apis.call(service, operation, fitted)
    except ApiError as error:
        prefix = apis.client(service).meta.service_model.service_id.replace(" ", "")
        raise StateError(f"{prefix}.{error.code or 'SdkClientException'}", str(error)) from error
