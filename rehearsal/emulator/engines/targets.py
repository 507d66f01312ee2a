"""What EventBridge's rules and schedules call: state machines, functions, topics."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from rehearsal.emulator.engines import function_runner, workflows
from rehearsal.emulator.engines.setting import LOG, SETTING
from rehearsal.emulator.values import Json

NOT_UNDERSTOOD = frozenset({"InputTransformer", "InputPath"})


def deliver(target: Mapping[str, Any], event: Json, *, account: str, region: str, name: str = "") -> None:
    """Call a target with its own input, or with the event; `name` is an execution's."""
    arn = target["Arn"]
    if unsupported := NOT_UNDERSTOOD & target.keys():
        LOG.error("the target %s uses %s, which is not understood here", arn, ", ".join(unsupported))
        return
    given = json.loads(target["Input"]) if target.get("Input") else event
    if ":stateMachine:" in arn:
        workflows.start_for_event(arn, given, name=name or str(uuid.uuid4()))
    elif ":function:" in arn:
        function = function_runner.function_of(arn, account=account, region=region)
        if function and function_runner.runs(function):
            function_runner.invoke_later(function, given)
    elif ":sns:" in arn:
        topic = {"TopicArn": arn, "Message": given if isinstance(given, str) else json.dumps(given)}
        SETTING.apis(account, region).call("sns", "publish", topic)
