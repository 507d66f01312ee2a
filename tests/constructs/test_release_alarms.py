"""Alarms that take a release back."""

from __future__ import annotations

from typing import Any

import pytest
from released import deployment, released
from synthesis import templates
from template import Properties, properties

from rehearsal.emulator.engines.metric_math import evaluated
from spec.release_times import METRIC_PERIOD_SECONDS


def alarms(template: dict[str, Any]) -> dict[str, Properties]:
    """Release alarms of the storefront's web, by what they are about."""
    start = "storefront-prod-web-release-"
    return {
        alarm["AlarmName"].removeprefix(start): alarm
        for alarm in properties(template, "AWS::CloudWatch::Alarm")
        if alarm["AlarmName"].startswith(start)
    }


def expression(alarm: Properties) -> str:
    """What an alarm judges by."""
    (found,) = [query["Expression"] for query in alarm["Metrics"] if query.get("ReturnData")]
    return str(found)


@pytest.mark.parametrize(
    ("what", "expected", "threshold"),
    [
        ("errors", "IF(requests >= 20, 100 * SUM([errors, refused]) / requests, 0)", 1),
        ("response-time", "IF((requests >= 20) AND (FILL(DIFF(requests), 0) + requests >= 0), slowest, 0)", 1),
        ("unhealthy", "IF(requests >= 1, unhealthy, 0)", 0),
    ],
)
def test_D3_each_needs_requests_to_say_something(what: str, expected: str, threshold: float) -> None:
    """A starting task is no unhealthy one, and one slow answer to a smoke test no percentile."""
    found = alarms(released("codedeploy", "canary"))
    for colour in ("blue", "green"):
        alarm = found[f"{what}-{colour}"]
        assert expected == expression(alarm)
        assert ("GreaterThanThreshold", threshold) == (alarm["ComparisonOperator"], alarm["Threshold"])


@pytest.mark.parametrize(
    ("minutes", "red"),
    [
        ({0: 6000, 60: 400}, False),  # drained: what ends last took longest
        ({0: 6000, 60: 3000}, True),
        ({60: 400}, True),  # the first minute of a new version
        ({0: 400, 60: 6000}, True),
        ({60: 19}, False),
    ],
)
def test_D3_the_last_minute_of_a_drained_version_is_not_judged_by_its_longest_requests(
    minutes: dict[int, float], red: bool
) -> None:
    """The rehearsal took good versions back for it: in that minute nothing ends but what was long under way."""
    alarm = alarms(released("codedeploy", "canary"))["response-time-blue"]
    known = {"requests": minutes, "slowest": dict.fromkeys(minutes, 8.0)}
    last = evaluated(expression(alarm), known, grid=[0, 60], period=60)[60]
    assert red == (last > alarm["Threshold"])


def test_D3_blue_and_green_are_measured_apart() -> None:
    """The old version's requests would water down the new one's errors."""
    groups = {}
    for name, alarm in alarms(released("codedeploy", "canary")).items():
        found = {
            dimension["Value"]["Fn::GetAtt"][0]
            for query in alarm["Metrics"]
            for dimension in query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
            if dimension["Name"] == "TargetGroup"
        }
        assert 1 == len(found)
        groups[name] = found.pop()
    assert 6 == len(groups)
    assert 2 == len(set(groups.values()))
    for what in ("errors", "response-time", "unhealthy"):
        assert groups[f"{what}-blue"] != groups[f"{what}-green"]


def test_D3_as_soon_as_the_numbers_allow() -> None:
    """Periods of one minute, as many as the spec says; what has not arrived is no failure."""
    for alarm in alarms(released("codedeploy", "canary")).values():
        periods = {query["MetricStat"]["Period"] for query in alarm["Metrics"] if "MetricStat" in query}
        assert {METRIC_PERIOD_SECONDS} == periods
        assert (1, 1) == (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"])
        assert "notBreaching" == alarm["TreatMissingData"]


@pytest.mark.parametrize(("bake", "periods"), [(None, 1), (2, 1), (3, 2), (5, 4)])
def test_D3_a_rolling_update_is_watched_for_as_long_as_the_spec_says(bake: int | None, periods: int) -> None:
    """ECS computes from the alarms how long it watches; one bad period is still enough."""
    loose = {"deploy_minutes": 15.0, "rollback_minutes": 15.0}
    spec = deployment("ecs", "rolling", bake_minutes=bake)
    spec = spec.model_copy(update={"objectives": spec.objectives.model_copy(update=loose)})
    found = alarms(templates(spec)["services"])
    assert {"errors-blue", "response-time-blue", "unhealthy-blue"} == set(found)
    assert {(periods, 1)} == {(alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) for alarm in found.values()}


def test_D3_limits_are_the_specs() -> None:
    """The share of errors, the percentile, how many requests and how many minutes it takes."""
    limits = {"error_percent": 2.5, "response_ms": 700, "least_requests": 50, "datapoints": 2}
    spec = deployment("codedeploy", "canary", canary_minutes=3, alarms=limits)
    found = alarms(templates(spec)["services"])
    assert 2.5 == found["errors-green"]["Threshold"]
    assert 0.7 == found["response-time-green"]["Threshold"]
    assert expression(found["errors-green"]).startswith("IF(requests >= 50,")
    assert {2} == {alarm["EvaluationPeriods"] for alarm in found.values()}


def test_D3_without_an_objective_nobody_is_too_slow() -> None:
    """`response_ms: null` promises nothing, and so takes nothing back."""
    spec = deployment("codedeploy", "canary")
    objectives = spec.objectives.model_copy(update={"response_ms": None})
    found = alarms(templates(spec.model_copy(update={"objectives": objectives}))["services"])
    assert {"errors-blue", "errors-green", "unhealthy-blue", "unhealthy-green"} == set(found)
