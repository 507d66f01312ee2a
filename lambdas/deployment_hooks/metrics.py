"""Reads a target group's numbers from CloudWatch.

The load balancer reports a minute only if it had requests, and a count of errors only if it had errors (Application Load
Balancer metrics, "reporting criteria"): within minutes that have arrived, no value means none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deployment_hooks.comparison import Counts
from shared.aws import client
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_REQUESTS = "RequestCount"
_FAILURES = ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount")
"""Answers of the version that failed, and requests that it did not take, which users saw as the balancer's own 502."""


class UnreadableMetric(Told):
    """CloudWatch did not give a complete answer; says what it gave."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whole periods, `start` included and `end` not; both epoch seconds."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Source:
    """Whose numbers: a target group behind a load balancer, both as dimensions have them, and their period."""

    load_balancer: str
    target_group: str
    period_seconds: int


def counts(source: Source, window: Window) -> Counts:
    """Requests in `window`, and those that failed. Raises UnreadableMetric."""
    queries = [_query(source, name, "Sum", source.period_seconds) for name in (_REQUESTS, *_FAILURES)]
    values = _read(queries, window)
    requests = round(sum(values[_REQUESTS.lower()]))
    failures = round(sum(sum(values[name.lower()]) for name in _FAILURES))
    return Counts(max(requests, failures), failures)


def percentiles_ms(source: Source, window: Window, percents: Sequence[float]) -> list[list[float]]:
    """Response times at the given percentiles over all of `window`, in milliseconds; a list of values each.

    One value each, as the period is the window; several if CloudWatch cuts the window where it likes.
    """
    queries = [
        _query(source, "TargetResponseTime", f"p{percent:.2f}", window.seconds, f"p{index}")
        for index, percent in enumerate(percents)
    ]
    values = _read(queries, window)
    if not all(values[query["Id"]] for query in queries):
        raise UnreadableMetric("CloudWatch has no response times for minutes that had answers")
    return [[1000 * value for value in values[f"p{index}"]] for index in range(len(percents))]


def _query(source: Source, name: str, statistic: str, period: int, query_id: str = "") -> MetricDataQueryTypeDef:
    return {
        "Id": query_id or name.lower(),
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/ApplicationELB",
                "MetricName": name,
                "Dimensions": [
                    {"Name": "LoadBalancer", "Value": source.load_balancer},
                    {"Name": "TargetGroup", "Value": source.target_group},
                ],
            },
            "Period": period,
            "Stat": statistic,
        },
    }


def _read(queries: Sequence[MetricDataQueryTypeDef], window: Window) -> Mapping[str, Sequence[float]]:
    values: dict[str, list[float]] = {query["Id"]: [] for query in queries}
    state: dict[str, str] = {}
    pages = (
        client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=list(queries),
            StartTime=datetime.fromtimestamp(window.start, UTC),
            EndTime=datetime.fromtimestamp(window.end, UTC),
            ScanBy="TimestampAscending",
        )
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            values[result["Id"]] += result["Values"]
            state[result["Id"]] = result["StatusCode"]
    bad = [f"{name} is {state.get(name, 'missing')}" for name in values if state.get(name) != "Complete"]
    if bad:
        raise UnreadableMetric(f"CloudWatch did not give the numbers: {', '.join(bad)}")
    return values
