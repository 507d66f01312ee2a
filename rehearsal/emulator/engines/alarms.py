"""The states of alarms, evaluated every ten seconds from each alarm's own definition.

As CloudWatch does it (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html, and
"Configuring how CloudWatch alarms treat missing data" there): more periods are looked at than EvaluationPeriods, the
latest real datapoints decide, and only where there are too few of them does TreatMissingData fill in. A metric that
arrives a minute late therefore does not look as if it were missing.
"""

import ast
import math
import operator
import re
from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from rehearsal.emulator.engines import alarm_actions, reach
from rehearsal.emulator.engines.metric_queries import answered
from rehearsal.emulator.engines.setting import LOG, SETTING

EVERY_SECONDS = 10.0
"High-resolution alarms of AWS may be evaluated this often; standard ones are once a minute, at a moment not told."
MORE_PERIODS = 2
"How many periods beyond EvaluationPeriods are looked at: AWS's own example has five for three."
BREACHES = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def keep_evaluating() -> None:
    """Evaluate for ever; does nothing while the emulator is not played."""
    broken: set[str] = set()
    while True:
        SETTING.clock.sleep(EVERY_SECONDS if SETTING.played else 1)
        if SETTING.played:
            _evaluate_all(broken)


def _evaluate_all(broken: set[str]) -> None:
    for regions in list(cloudwatch_backends.values()):
        for backend in list(regions.values()):
            if reach.dark(backend.region_name):
                continue
            alarms = list(backend.alarms.values())
            for alarm in sorted(alarms, key=lambda one: bool(one.rule)):
                try:
                    evaluate(backend, alarm)
                except Exception:  # noqa: BLE001  # one alarm's fault must not blind the others
                    if alarm.alarm_arn not in broken:
                        LOG.exception("alarm %s cannot be evaluated", alarm.name)
                    broken.add(alarm.alarm_arn)


def in_alarm(account: str, region: str, names: list[str]) -> list[str]:
    """Return which of the named alarms are in ALARM."""
    alarms = cloudwatch_backends[account][region].alarms
    return [name for name in names if name in alarms and alarms[name].state_value == "ALARM"]


def span_seconds(account: str, region: str, names: list[str]) -> float:
    """Return how long the slowest of these alarms looks back: its periods, all of them."""
    known = cloudwatch_backends[account][region].alarms
    spans = []
    for name in names:
        alarm = known.get(name)
        if alarm is not None and not getattr(alarm, "rule", None):
            queries, _ = _queries(alarm)
            periods = [int(query["MetricStat"]["Period"]) for query in queries if query.get("MetricStat")]
            spans.append(max(periods, default=0) * int(alarm.evaluation_periods))
    return float(max(spans, default=0))


def evaluate(backend: CloudWatchBackend, alarm: Alarm) -> None:
    """Bring an alarm to the state that its definition and the metrics give it."""
    if alarm.rule:
        state, reason = ("ALARM" if _holds(backend, alarm.rule) else "OK"), alarm.rule
    else:
        verdict = _verdict(backend, alarm)
        if verdict is None:
            return
        state, reason = verdict
    if state != alarm.state_value:
        before = alarm.state_value
        alarm.update_state(reason, "{}", state)
        alarm.state_updated_timestamp = SETTING.clock.now()
        alarm_actions.perform(backend, alarm, before)


def _verdict(backend: CloudWatchBackend, alarm: Alarm) -> tuple[str, str] | None:
    """Return the state and its reason, None when it stays as it is."""
    wanted = int(alarm.evaluation_periods)
    needed = int(alarm.datapoints_to_alarm or wanted)
    queries, returned = _queries(alarm)
    period = max(_periods(queries))
    # The period that is still going on does not count.
    end = math.floor(SETTING.clock.epoch() / period) * period
    start = end - (wanted + MORE_PERIODS) * period
    found = answered(backend.account_id, backend.region_name, queries, start=start, end=end)[returned]
    latest = [found[moment] for moment in sorted(found)][-wanted:]
    breaches = BREACHES[alarm.comparison_operator]
    breaching = [value for value in latest if breaches(value, alarm.threshold)]
    missing = wanted - len(latest)
    reason = f"Threshold Crossed: {len(breaching)} of {len(latest)} datapoints breach {alarm.threshold}: {latest}"
    treatment = alarm.treat_missing_data or "missing"
    if len(breaching) + (missing if treatment == "breaching" else 0) >= needed:
        return "ALARM", reason
    if missing and treatment == "ignore":
        return None
    if missing and treatment == "missing":
        if not latest:
            return "INSUFFICIENT_DATA", "no datapoints were received"
        if len(breaching) == len(latest):
            return "ALARM", reason
    return "OK", reason


def _queries(alarm: Alarm) -> tuple[list[dict[str, Any]], str]:
    """Return an alarm's metrics as GetMetricData asks for them, and the ID of the one that is compared."""
    if not alarm.metric_data_queries:
        stat = {
            "Metric": {
                "Namespace": alarm.namespace,
                "MetricName": alarm.metric_name,
                "Dimensions": [{"Name": one.name, "Value": one.value} for one in alarm.dimensions],
            },
            "Period": int(alarm.period),
            "Stat": alarm.statistic or alarm.extended_statistic,
        }
        return [{"Id": "m", "MetricStat": stat}], "m"
    queries, returned = [], ""
    for query in alarm.metric_data_queries:
        described: dict[str, Any] = {"Id": query.id}
        if query.period:
            described["Period"] = query.period
        if query.expression:
            described["Expression"] = query.expression
        stat_of = query.metric_stat
        if stat_of:
            described["MetricStat"] = {
                "Metric": {
                    "Namespace": stat_of.metric.namespace,
                    "MetricName": stat_of.metric.metric_name,
                    "Dimensions": [{"Name": one.name, "Value": one.value} for one in stat_of.metric.dimensions],
                },
                "Period": int(stat_of.period),
                "Stat": stat_of.stat,
            }
        if str(query.return_data).lower() != "false":
            returned = query.id
        queries.append(described)
    return queries, returned


def _periods(queries: list[dict[str, Any]]) -> list[int]:
    """Those of metrics; a query of Metrics Insights has one of its own."""
    of_metrics = [int(query["MetricStat"]["Period"]) for query in queries if query.get("MetricStat")]
    return of_metrics or [int(query["Period"]) for query in queries]


def _holds(backend: CloudWatchBackend, rule: str) -> bool:
    """Tell whether a composite alarm's rule holds: AND, OR, NOT over ALARM(...), OK(...) and INSUFFICIENT_DATA(...)."""
    states: Mapping[str, str] = {alarm.name: alarm.state_value for alarm in list(backend.alarms.values())}

    def answer(found: re.Match[str]) -> str:
        name = found.group(2).strip().strip("\"'").rpartition(":alarm:")[2]
        return str(states.get(name) == found.group(1))

    text = re.sub(r"\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(([^)]*)\)", answer, rule)
    for word in ("AND", "OR", "NOT"):
        text = re.sub(rf"\b{word}\b", word.lower(), text)
    text = text.replace("TRUE", "True").replace("FALSE", "False")
    return _truth(ast.parse(" ".join(text.split()), mode="eval").body)


def _truth(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return (all if isinstance(node.op, ast.And) else any)(_truth(value) for value in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _truth(node.operand)
    if isinstance(node, ast.Constant):
        return bool(node.value)
    raise ValueError(f"{ast.unparse(node)} is not understood in an alarm rule")
