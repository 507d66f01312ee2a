"""Entry of ECS's life-cycle hooks: ECS calls, and calls again after `callBackDelay` while the answer is IN_PROGRESS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from deployment_hooks.ecs_state import EcsRelease
from deployment_hooks.outcome import Outcome, Status, failed
from deployment_hooks.run import Execution, run
from deployment_hooks.settings import settings
from shared.log import logger
from shared.plan import Stage

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

STAGES: Final[dict[str, Stage]] = {
    "PRE_SCALE_UP": "before_install",
    "POST_SCALE_UP": "after_install",
    "POST_TEST_TRAFFIC_SHIFT": "test_traffic",
    "PRE_PRODUCTION_TRAFFIC_SHIFT": "before_traffic",
    "POST_PRODUCTION_TRAFFIC_SHIFT": "after_traffic",
}
"""Each of our stages, by ECS's name for it."""


class Details(msgspec.Struct, frozen=True):
    """The template's `HookDetails`, which ECS hands on."""

    service: str


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """What ECS sends. Its weights are not read: what they say is asked of ECS."""

    execution_id: str
    lifecycle_stage: str
    resource_arn: str
    """Of the service deployment."""
    hook_details: Details | str


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One look."""
    try:
        received = msgspec.convert(event, Event)
        mine = settings()
        found = _look(received, mine.stage, context)
    except msgspec.MsgspecError as failure:
        logger.error("the event or the function's settings are not as they should be", extra={"problem": str(failure)})
        found = failed(f"the event or the function's settings are not as they should be: {failure}")
    return _answer(found)


def _look(event: Event, stage: Stage, context: LambdaContext) -> Outcome:
    if STAGES.get(event.lifecycle_stage) != stage:
        return failed(f"the function for {stage} was called at {event.lifecycle_stage}")
    details = event.hook_details
    named = details if isinstance(details, Details) else msgspec.json.decode(details, type=Details)
    mine = settings()
    execution = Execution(
        stage=stage,
        release=event.resource_arn,
        hook_execution_id=event.execution_id,
        engine=EcsRelease(event.resource_arn, named.service),
        prefix=mine.prefix,
        region=mine.aws_region,
        table=mine.ledger_table,
    )
    return run(execution, lambda: context.get_remaining_time_in_millis() / 1000)


def _answer(found: Outcome) -> dict[str, Any]:
    answer: dict[str, Any] = {"hookStatus": found.status.value}
    if found.status is Status.IN_PROGRESS:
        answer["callBackDelay"] = found.wait_seconds
    else:
        logger.info("answered", extra={"status": found.status.value, "reason": found.reason})
    return answer
