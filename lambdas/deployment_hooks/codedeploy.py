"""Entry of CodeDeploy's hooks: the event starts a workflow, and the workflow looks here until there is a verdict.

CodeDeploy calls once and waits for `PutLifecycleEventHookExecutionStatus`, which the workflow sends. Here it is sent only
when the workflow cannot be started.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from deployment_hooks.codedeploy_state import CodeDeployRelease
from deployment_hooks.outcome import Outcome, failed
from deployment_hooks.run import Execution, run, sentence
from deployment_hooks.settings import settings
from shared.aws import client, is_error
from shared.log import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Event(msgspec.Struct, frozen=True):
    """What CodeDeploy sends."""

    deployment_id: str = msgspec.field(name="DeploymentId")
    hook_execution_id: str = msgspec.field(name="LifecycleEventHookExecutionId")


class Step(msgspec.Struct, frozen=True):
    """What the workflow hands on at each look; the same text every time, so that a repeated start is the same start."""

    function_arn: str
    deployment_id: str
    hook_execution_id: str


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One look of the workflow, or CodeDeploy's own call."""
    if isinstance(event, dict) and "step" in event:
        return _answer(_look(event["step"], context))
    try:
        received = msgspec.convert(event, Event)
    except msgspec.ValidationError as failure:
        # Without both ids nobody can be answered. CodeDeploy sees the error, and release_watch the missing progress.
        logger.error("the event is not CodeDeploy's", extra={"problem": str(failure)})
        return _answer(failed(f"the event is not CodeDeploy's: {failure}"))
    return _start(received, context)


def _look(step: object, context: LambdaContext) -> Outcome:
    try:
        known = msgspec.convert(step, Step)
        mine = settings()
        execution = Execution(
            stage=mine.stage,
            release=known.deployment_id,
            hook_execution_id=known.hook_execution_id,
            engine=CodeDeployRelease(mine.prefix, known.deployment_id),
            prefix=mine.prefix,
            region=mine.aws_region,
            table=mine.ledger_table,
        )
    except msgspec.ValidationError as failure:
        logger.error("the step is not the workflow's", extra={"problem": str(failure)})
        return failed(f"the step or the function's settings are not as they should be: {failure}")
    return run(execution, lambda: context.get_remaining_time_in_millis() / 1000)


def _start(event: Event, context: LambdaContext) -> dict[str, Any]:
    step = Step(context.invoked_function_arn, event.deployment_id, event.hook_execution_id)
    name = f"hook-{hashlib.sha256(event.hook_execution_id.encode()).hexdigest()[:32]}"
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=settings().polling_state_machine_arn, name=name, input=msgspec.json.encode(step).decode()
        )
    except Exception as failure:  # noqa: BLE001 - closed on whatever happens
        if is_error(failure, "ExecutionAlreadyExists"):
            return {"started": name}
        logger.exception("the workflow could not be started", extra={"release": event.deployment_id})
        client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=event.deployment_id, lifecycleEventHookExecutionId=event.hook_execution_id, status="Failed"
        )
        return _answer(failed(f"the workflow could not be started: {sentence(failure)}"))
    return {"started": name}


def _answer(found: Outcome) -> dict[str, Any]:
    return {"status": found.status.value, "wait_seconds": found.wait_seconds, "reason": found.reason}
