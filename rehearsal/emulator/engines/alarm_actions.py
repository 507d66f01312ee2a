"""What an alarm does when its state changes: calls functions, and tells topics."""

import json
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend

from rehearsal.emulator.engines import event_bus, function_runner, journal
from rehearsal.emulator.engines.setting import LOG, SETTING

ACTIONS = {"ALARM": "alarm_actions", "OK": "ok_actions", "INSUFFICIENT_DATA": "insufficient_data_actions"}


def perform(backend: CloudWatchBackend, alarm: Alarm, before: str) -> None:
    """Do what the alarm says for the state that it has now; it had the state `before`."""
    if not SETTING.played:
        return
    journal.note("alarm", backend.region_name, f"{alarm.name}: {alarm.state_value}")
    if not alarm.actions_enabled:
        return
    for action in getattr(alarm, ACTIONS[alarm.state_value]) or []:
        try:
            _perform(action, backend, alarm, before)
        except Exception:  # noqa: BLE001  # one action that fails must not stop the others
            LOG.exception("alarm %s could not call %s", alarm.name, action)
    event_bus.publish(
        account=backend.account_id,
        region=backend.region_name,
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        detail=_data(alarm, before),
        resources=[alarm.alarm_arn],
    )


def _perform(action: str, backend: CloudWatchBackend, alarm: Alarm, before: str) -> None:
    if ":function:" in action:
        function = function_runner.function_of(action, account=backend.account_id, region=backend.region_name)
        if function and function_runner.runs(function):
            function_runner.invoke_later(function, _event(backend, alarm, before))
    elif ":sns:" in action:
        message = {"AlarmName": alarm.name, "NewStateValue": alarm.state_value, "NewStateReason": alarm.state_reason}
        topic = {"TopicArn": action, "Subject": f"{alarm.state_value}: {alarm.name}"[:100]}
        apis = SETTING.apis(backend.account_id, backend.region_name)
        apis.call("sns", "publish", {**topic, "Message": json.dumps(message)})


def _event(backend: CloudWatchBackend, alarm: Alarm, before: str) -> dict[str, Any]:
    """The event of an alarm that invokes a function (CloudWatch User Guide, "Invoke a Lambda function from an alarm")."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.alarm_arn,
        "accountId": backend.account_id,
        "time": SETTING.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "region": backend.region_name,
        "alarmData": _data(alarm, before),
    }


def _data(alarm: Alarm, before: str) -> dict[str, Any]:
    moment = SETTING.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    state = {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": moment}
    return {
        "alarmName": alarm.name,
        "state": state,
        "previousState": {"value": before, "timestamp": moment},
        "configuration": {"description": alarm.description},
    }
