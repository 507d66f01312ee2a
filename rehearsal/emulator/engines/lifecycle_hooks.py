"""ECS's lifecycle hooks: functions that a service deployment asks before it goes on.

The event, the answers, the delay of 30 seconds and the time-out of 24 hours:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html and the API's
DeploymentLifecycleHook. A function that fails, or answers anything else, rolls the deployment back.
"""

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.emulator.engines import function_runner, mishaps
from rehearsal.emulator.engines.function_process import Answer
from rehearsal.emulator.engines.setting import SETTING

DELAY_SECONDS = 30.0
TIMEOUT_MINUTES = 1440


class HookFailed(Exception):  # noqa: N818  # reads as what happened
    """A hook said no, or said nothing that counts; the message says which and why."""


def ask(
    hook: Mapping[str, Any],
    stage: str,
    *,
    deployment: str,
    details: Mapping[str, Any],
    account: str,
    region: str,
    waiting: Callable[[float], None],
) -> None:
    """Ask one hook until it has an answer. Raises HookFailed; `waiting` waits and watches the deployment's alarms."""
    arn = hook.get("hookTargetArn", "")
    function = function_runner.function_of(arn, account=account, region=region)
    if function is None:
        raise HookFailed(f"lifecycle hook {arn} at {stage}: there is no such function")
    timeout = hook.get("timeoutConfiguration") or {}
    deadline = SETTING.clock.epoch() + 60 * float(timeout.get("timeoutInMinutes", TIMEOUT_MINUTES))
    event = {
        "executionId": str(uuid.uuid4()),
        "lifecycleStage": stage,
        "resourceArn": deployment,
        "executionDetails": dict(details),
    }
    if hook.get("hookDetails") is not None:
        event["hookDetails"] = hook["hookDetails"]
    while True:
        answer = _invoked(function, event)
        said = answer.payload if isinstance(answer.payload, dict) else {}
        status = None if answer.failed else said.get("hookStatus")
        if status == "SUCCEEDED":
            return
        if status != "IN_PROGRESS":
            why = said.get("errorMessage") if answer.failed else f"it answered {status or answer.payload!r}"
            raise HookFailed(f"lifecycle hook {function.function_name} at {stage} failed: {why}")
        if said.get("hookDetails") is not None:
            event["hookDetails"] = said["hookDetails"]
        if SETTING.clock.epoch() >= deadline:
            if timeout.get("action") == "CONTINUE":
                return
            raise HookFailed(f"lifecycle hook {function.function_name} at {stage} timed out")
        waiting(float(said.get("callBackDelay", DELAY_SECONDS)))


def _invoked(function: Any, event: dict[str, Any]) -> Answer:  # noqa: ANN401  # moto's
    if mishaps.doubled(function.function_name, function.handler or ""):
        second = threading.Thread(target=function_runner.invoke, args=(function, event), daemon=True)
        second.start()
        answer = function_runner.invoke(function, event)
        second.join()
        return answer
    return function_runner.invoke(function, event)
