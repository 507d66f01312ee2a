"""The metrics that were put, and their statistics per period.

moto keeps one object per request when a metric comes as values and counts, and knows no percentiles.
"""

import math
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Key = tuple[str, str, frozenset[tuple[str, str]]]
Series = dict[int, float]
"""A value per start of a period, seconds since 1970."""


@dataclass(frozen=True)
class Data:
    """What one put said: values with their counts, or a summary of them."""

    moment: float
    values: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()
    summary: tuple[float, float, float, float] | None = None
    "Count, sum, minimum, maximum."


_STORE: dict[tuple[str, str], dict[Key, list[Data]]] = defaultdict(lambda: defaultdict(list))
_LOCK = threading.Lock()


def key(namespace: str, name: str, dimensions: Sequence[Mapping[str, Any]]) -> Key:
    """Return what makes a metric: namespace, name and all of its dimensions."""
    return namespace, name, frozenset((one["Name"], one["Value"]) for one in dimensions or ())


def put(account: str, region: str, namespace: str, datum: Mapping[str, Any], *, now: float) -> None:
    """Keep what a PutMetricData says of one metric."""
    moment = datum.get("Timestamp")
    seconds = moment.timestamp() if isinstance(moment, datetime) else now
    summary = datum.get("StatisticValues")
    if summary:
        parts = tuple(float(summary[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum"))
        data = Data(seconds, summary=(parts[0], parts[1], parts[2], parts[3]))
    elif datum.get("Values"):
        values = tuple(float(value) for value in datum["Values"])
        counts = tuple(float(count) for count in datum.get("Counts") or [1] * len(values))
        data = Data(seconds, values, counts)
    else:
        data = Data(seconds, (float(datum.get("Value", 0)),), (1.0,))
    with _LOCK:
        _STORE[account, region][key(namespace, datum["MetricName"], datum.get("Dimensions") or [])].append(data)


def series(account: str, region: str, metric: Key, *, statistic: str, period: int, start: float, end: float) -> Series:
    """Return a statistic per period from `start` (rounded down to a period) until `end`."""
    first = math.floor(start / period) * period
    with _LOCK:
        known = list(_STORE[account, region].get(metric, ()))
    buckets: dict[int, list[Data]] = defaultdict(list)
    for data in known:
        if first <= data.moment < end:
            buckets[math.floor(data.moment / period) * period].append(data)
    found = {moment: _statistic(statistic, bucket) for moment, bucket in sorted(buckets.items())}
    return {moment: value for moment, value in found.items() if value is not None}


def _statistic(name: str, bucket: list[Data]) -> float | None:
    weighted = [pair for data in bucket for pair in zip(data.values, data.counts, strict=True)]
    summaries = [data.summary for data in bucket if data.summary]
    count = sum(weight for _, weight in weighted) + sum(one[0] for one in summaries)
    total = sum(value * weight for value, weight in weighted) + sum(one[1] for one in summaries)
    if name == "SampleCount":
        return count
    if name == "Sum":
        return total
    if name == "Average":
        return total / count if count else None
    if name == "Minimum":
        return min([value for value, _ in weighted] + [one[2] for one in summaries])
    if name == "Maximum":
        return max([value for value, _ in weighted] + [one[3] for one in summaries])
    if name.startswith("p"):
        return percentile(weighted, float(name[1:]))
    raise ValueError(f"statistic {name} is not understood here")


def percentile(weighted: Sequence[tuple[float, float]], percent: float) -> float | None:
    """Return the smallest value that at least `percent` of the samples do not exceed; None without samples."""
    ordered = sorted(pair for pair in weighted if pair[1] > 0)
    reached, sums = 0.0, []
    for _, weight in ordered:
        reached += weight
        sums.append(reached)
    if not ordered:
        return None
    index = bisect_left(sums, reached * percent / 100 - 1e-9)
    return ordered[min(index, len(ordered) - 1)][0]
