"""Events of the engines, and the rules that they match: state machines and functions are started, others get moto's event."""

import json
import uuid
from typing import Any

from moto.events.models import events_backends

from rehearsal.emulator.engines import function_runner, workflows
from rehearsal.emulator.engines.setting import LOG, SETTING


def publish(
    *, account: str, region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]
) -> None:
    """Send an event of an AWS service to the default bus. Nothing happens in an emulator that is not played."""
    if not SETTING.played:
        return
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": SETTING.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources,
        "detail": detail,
    }
    bus = events_backends[account][region].event_buses["default"]
    for rule in list(bus.rules.values()):
        if rule.state != "ENABLED" or rule.scheduled_expression or not rule.event_pattern.get_pattern():
            continue
        if rule.event_pattern.matches_event(event):  # type: ignore[arg-type]  # it reads any mapping
            for target in list(rule.targets):
                _deliver(target, event, account=account, region=region)


def _deliver(target: dict[str, Any], event: dict[str, Any], *, account: str, region: str) -> None:
    arn = target["Arn"]
    if unsupported := {"InputTransformer", "InputPath"} & target.keys():
        LOG.error("a rule's target %s uses %s, which is not understood here", arn, ", ".join(unsupported))
        return
    given = json.loads(target["Input"]) if "Input" in target else event
    if ":stateMachine:" in arn:
        workflows.start_for_event(arn, given, name=event["id"])
    elif ":function:" in arn:
        function = function_runner.function_of(arn, account=account, region=region)
        if function and function_runner.runs(function):
            function_runner.invoke_later(function, given)
