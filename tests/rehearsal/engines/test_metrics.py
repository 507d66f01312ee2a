"""Metrics, their mathematics, and alarms that follow them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.emulator.engines.metric_math import ExpressionError, evaluated
from rehearsal.emulator.engines.metrics import percentile
from tests.rehearsal.engines.played import Played

MINUTE = 60


def query(name: str, statistic: str, **more: Any) -> dict[str, Any]:
    """Return a query for a metric of the namespace `Test`."""
    metric = {"Namespace": "Test", "MetricName": name, "Dimensions": [{"Name": "D", "Value": "1"}]}
    return {"Id": more.pop("id", "m"), "MetricStat": {"Metric": metric, "Period": MINUTE, "Stat": statistic}, **more}


def put(played: Played, name: str, moment: datetime, **datum: Any) -> None:
    """Put a datum of a metric."""
    data = [{"MetricName": name, "Dimensions": [{"Name": "D", "Value": "1"}], "Timestamp": moment, **datum}]
    played.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=data)


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("Sum", 14.0),
        ("SampleCount", 10.0),
        ("Average", 1.4),
        ("Minimum", 1.0),
        ("Maximum", 5.0),
        ("p50", 1.0),
        ("p90", 1.0),
        ("p99.9", 5.0),
    ],
)
def test_statistics(played: Played, name: str, statistic: str, expected: float) -> None:
    """Values count as often as their counts say; percentiles are by nearest rank."""
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    put(played, name, begin + timedelta(seconds=10), Values=[1.0, 5.0], Counts=[9.0, 1.0])
    answer = played.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query(name, statistic)], StartTime=begin, EndTime=begin + timedelta(minutes=1)
    )
    found = answer["MetricDataResults"][0]
    assert ([begin], [expected]) == (found["Timestamps"], found["Values"])


def test_other_dimensions_are_another_metric(played: Played, name: str) -> None:
    """A metric is its namespace, its name and all of its dimensions."""
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    put(played, name, begin, Value=1.0)
    metric = {"Namespace": "Test", "MetricName": name}
    answer = played.client("cloudwatch").get_metric_statistics(
        **metric, StartTime=begin, EndTime=begin + timedelta(minutes=1), Period=MINUTE, Statistics=["Sum"]
    )
    assert [] == answer["Datapoints"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", {0: 3.0}),
        ("a / z", {}),
        ("100 * a / (a + b)", {0: 100 / 3}),
        ("FILL(b, 0)", {0: 2.0, 60: 0.0}),
        ("a + FILL(b, 0)", {0: 3.0, 60: 4.0}),
        ("IF(a > 2, a, 0)", {0: 0.0, 60: 4.0}),
        ("IF(a >= 1 AND a < 2, 1, 0)", {0: 1.0, 60: 0.0}),
        ("IF(FILL(b, 0) > 0, a / FILL(b, 1), 0)", {0: 0.5, 60: 0.0}),
        ("DIFF(a)", {60: 3.0}),
        ("FILL(DIFF(a), 0) + a >= 0", {0: 1.0, 60: 1.0}),
        ("SUM([a, b])", {0: 3.0, 60: 4.0}),
        ("MAX(METRICS())", {0: 2.0, 60: 4.0}),
        ("a ^ 2", {0: 1.0, 60: 16.0}),
        ("-a", {0: -1.0, 60: -4.0}),
    ],
)
def test_expressions(expression: str, expected: dict[int, float]) -> None:
    """Each function and operator; where something is missing there is no datapoint."""
    known = {"a": {0: 1.0, 60: 4.0}, "b": {0: 2.0}, "z": {0: 0.0, 60: 0.0}}
    if "METRICS" in expression:
        del known["z"]
    assert pytest.approx(expected) == evaluated(expression, known, grid=[0, 60], period=60)


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(a)", "FILL(a, REPEAT)", "a +", "unknown + 1", "[a]"])
def test_unknown_expressions_are_refused(expression: str) -> None:
    """What is not known raises, so that no alarm is green by mistake."""
    with pytest.raises(ExpressionError):
        evaluated(expression, {"a": {0: 1.0}}, grid=[0], period=60)


def test_percentile_without_samples() -> None:
    """Nothing has no percentile."""
    assert percentile([(1.0, 0.0)], 99) is None


def state(played: Played, name: str) -> str:
    """Return an alarm's state."""
    found = played.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    value: str = (found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"]
    return value


def test_an_alarm_follows_its_metric(played: Played, name: str) -> None:
    """Red when the datapoint of a whole minute breaches, and green again once others follow; so is a composite."""
    client = played.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=10,
        TreatMissingData="notBreaching",
        Metrics=[
            query(name, "Sum", id="errors", ReturnData=False),
            {"Id": "rate", "Expression": "IF(errors > 0, errors * 100, 0)", "Label": "rate", "ReturnData": True},
        ],
    )
    client.put_composite_alarm(AlarmName=f"{name}-all", AlarmRule=f'ALARM("{name}") AND NOT OK({name})')
    put(played, name, played.clock.now(), Value=1.0)
    played.wait(lambda: state(played, name) == "ALARM")
    played.wait(lambda: state(played, f"{name}-all") == "ALARM")
    put(played, name, played.clock.now() + timedelta(seconds=30), Value=0.0)
    played.wait(lambda: state(played, name) == "OK")


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [("missing", "INSUFFICIENT_DATA"), ("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", "OK")],
)
def test_missing_data(played: Played, name: str, treatment: str, expected: str) -> None:
    """An alarm without any datapoint does as TreatMissingData says."""
    played.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName=name,
        Period=60,
        EvaluationPeriods=2,
        Statistic="Sum",
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData=treatment,
    )
    played.clock.sleep(90)
    assert expected == played.wait(lambda: (now := state(played, name)) == expected and now)


@pytest.mark.parametrize(("treatment", "expected"), [("notBreaching", "OK"), ("breaching", "ALARM")])
def test_a_query_of_metrics_insights_finds_nothing(played: Played, name: str, treatment: str, expected: str) -> None:
    """An alarm that asks by a query, with a period of its own, does as TreatMissingData says; it breaks no other alarm."""
    expression = (
        f"SELECT MAX(ReplicationLatency) FROM SCHEMA(\"AWS/S3\", DestinationBucket) WHERE DestinationBucket = '{name}'"
    )
    played.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=900,
        TreatMissingData=treatment,
        Metrics=[{"Id": "value", "Expression": expression, "Period": 60, "ReturnData": True}],
    )
    played.clock.sleep(90)
    assert expected == played.wait(lambda: (now := state(played, name)) == expected and now)
