"""GetMetricData's queries, answered from the metrics that were put."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.emulator.engines.metric_math import evaluated
from rehearsal.emulator.engines.metrics import Series, key, series

INSIGHTS = "SELECT "
"How a query of Metrics Insights begins. The ones of the project ask for numbers of S3's own, which nobody writes here."


def answered(
    account: str, region: str, queries: Sequence[Mapping[str, Any]], *, start: float, end: float
) -> dict[str, Series]:
    """Return the series of each query by its ID, those that others are made of included."""
    found: dict[str, Series] = {}
    period = max((int(query["MetricStat"]["Period"]) for query in queries if query.get("MetricStat")), default=60)
    for query in queries:
        if query.get("MetricStat"):
            stat = query["MetricStat"]
            metric = stat["Metric"]
            found[query["Id"]] = series(
                account,
                region,
                key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions") or []),
                statistic=stat["Stat"],
                period=int(stat["Period"]),
                start=start,
                end=end,
            )
    first = math.floor(start / period) * period
    grid = range(first, math.ceil(end / period) * period, period)
    waiting = [query for query in queries if query.get("Expression")]
    while waiting:
        # An expression may use another that stands after it.
        query = next((one for one in waiting if not _uses(one, waiting)), waiting[0])
        waiting.remove(query)
        if query["Expression"].startswith(INSIGHTS):
            found[query["Id"]] = {}
            continue
        found[query["Id"]] = evaluated(query["Expression"], found, grid=grid, period=period)
    return found


def _uses(query: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> bool:
    words = set(query["Expression"].replace("(", " ").replace(")", " ").replace(",", " ").split())
    return any(other["Id"] in words for other in others if other is not query)
