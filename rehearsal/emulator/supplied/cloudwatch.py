"""CloudWatch: composite alarms."""

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from rehearsal.emulator.supplied.shelf import supply

SUPPRESSION = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_describe_of_moto = CloudWatchResponse.describe_alarms


def put_composite_alarm(self: CloudWatchResponse) -> EmptyResult:
    """Keep a composite alarm among the others, as moto foresees but nothing there creates."""
    given = self._get_params()
    alarm = self.cloudwatch_backend.put_metric_alarm(
        name=given["AlarmName"],
        rule=given["AlarmRule"],
        description=given.get("AlarmDescription", ""),
        actions_enabled=given.get("ActionsEnabled", True),
        alarm_actions=given.get("AlarmActions", []),
        ok_actions=given.get("OKActions", []),
        insufficient_data_actions=given.get("InsufficientDataActions", []),
        tags=given.get("Tags", []),
        dimensions=[],
        namespace="",
        metric_name="",
        comparison_operator="",
        evaluation_periods=0,
        period=0,
        threshold=0,
        statistic="",
    )
    for name in SUPPRESSION:
        if name in given:
            setattr(alarm, name, given[name])
    return EmptyResult()


def describe_alarms(self: CloudWatchResponse) -> ActionResult:
    """Return the kinds of alarm that were asked for: metric alarms alone when nobody says, as AWS does."""
    kinds = self._get_param("AlarmTypes") or ["MetricAlarm"]
    found: dict[str, list[object]] = _describe_of_moto(self).result  # type: ignore[assignment]
    return ActionResult({name: alarms if name[:-1] in kinds else [] for name, alarms in found.items()})


def install() -> None:
    """Answer these operations from now on."""
    supply(CloudWatchResponse, put_composite_alarm=put_composite_alarm, describe_alarms=describe_alarms)
