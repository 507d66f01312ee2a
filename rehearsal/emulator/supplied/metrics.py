"""CloudWatch: metrics with percentiles and metric math, which moto does not compute."""

from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, MetricDatum
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from rehearsal.emulator.engines import metrics
from rehearsal.emulator.engines.metric_queries import answered
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.supplied.shelf import given, supply

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def put_metric_data(self: CloudWatchResponse) -> EmptyResult:
    """Keep metrics, and their names where moto lists them."""
    namespace = given(self, "Namespace")
    backend: CloudWatchBackend = self.cloudwatch_backend
    for datum in given(self, "MetricData") or []:
        metrics.put(self.current_account, self.region, namespace, datum, now=SETTING.clock.epoch())
        name, dimensions = datum["MetricName"], datum.get("Dimensions") or []
        known = metrics.key(namespace, name, dimensions)
        if not any(known == (one.namespace, one.name, _dimensions(one)) for one in backend.metric_data):
            backend.metric_data.append(MetricDatum(namespace, name, 0.0, dimensions, datum.get("Timestamp")))
    return EmptyResult()


def _dimensions(datum: Any) -> frozenset[tuple[str, str]]:  # noqa: ANN401  # moto's
    return frozenset((one.name, one.value) for one in datum.dimensions)


def get_metric_data(self: CloudWatchResponse) -> ActionResult:
    """Answer queries and expressions over them."""
    queries = given(self, "MetricDataQueries") or []
    start, end = given(self, "StartTime"), given(self, "EndTime")
    found = answered(self.current_account, self.region, queries, start=start.timestamp(), end=end.timestamp())
    ascending = given(self, "ScanBy") == "TimestampAscending"
    results = []
    for query in queries:
        if str(query.get("ReturnData", True)).lower() == "false":
            continue
        moments = sorted(found[query["Id"]], reverse=not ascending)
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or query["Id"],
                "Timestamps": [datetime.fromtimestamp(moment, UTC) for moment in moments],
                "Values": [found[query["Id"]][moment] for moment in moments],
                "StatusCode": "Complete",
            }
        )
    return ActionResult({"MetricDataResults": results, "Messages": []})


def get_metric_statistics(self: CloudWatchResponse) -> ActionResult:
    """Answer for one metric, several statistics at once."""
    wanted, extended = given(self, "Statistics") or [], given(self, "ExtendedStatistics") or []
    key = metrics.key(given(self, "Namespace"), given(self, "MetricName"), given(self, "Dimensions") or [])
    start, end, period = given(self, "StartTime"), given(self, "EndTime"), int(given(self, "Period"))
    points: dict[int, dict[str, Any]] = {}
    for statistic in [*wanted, *extended]:
        series = metrics.series(
            self.current_account,
            self.region,
            key,
            statistic=statistic,
            period=period,
            start=start.timestamp(),
            end=end.timestamp(),
        )
        for moment, value in series.items():
            point = points.setdefault(moment, {"Timestamp": datetime.fromtimestamp(moment, UTC)})
            if statistic in STATISTICS:
                point[statistic] = value
            else:
                point.setdefault("ExtendedStatistics", {})[statistic] = value
    return ActionResult({"Label": key[1], "Datapoints": list(points.values())})


def install() -> None:
    """Answer these operations from now on."""
    supply(
        CloudWatchResponse,
        put_metric_data=put_metric_data,
        get_metric_data=get_metric_data,
        get_metric_statistics=get_metric_statistics,
    )
