"""What a load balancer reports of its target groups, for moto, which knows no percentiles and no values with counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Any

PERIOD_SECONDS = 60


@dataclass
class Minute:
    """One target group in one minute."""

    requests: int = 0
    failures: int = 0
    connection_errors: int = 0
    seconds: list[float] = field(default_factory=list)


@dataclass
class BalancerMetrics:
    """Minutes by target group (as a dimension names it) and start. `status` is what every result says of itself."""

    minutes: dict[tuple[str, int], Minute] = field(default_factory=lambda: defaultdict(Minute))
    status: str = "Complete"
    asked: list[tuple[int, int]] = field(default_factory=list)

    def record(
        self, target_group: str, minute: int, *, requests: int, failures: int = 0, seconds: float = 0.05
    ) -> None:
        """`requests` in the minute that begins at `minute`, each answered after `seconds` and a little spread."""
        assert minute % PERIOD_SECONDS == 0
        kept = self.minutes[target_group, minute]
        kept.requests += requests
        kept.failures += failures
        kept.seconds += [seconds * (0.5 + index / requests) for index in range(requests)]

    def get_metric_data(
        self, queries: Sequence[dict[str, Any]], start_time: datetime, end_time: datetime, scan_by: str = ""
    ) -> list[dict[str, Any]]:
        """In place of moto's. Periods count from the start, as in the AWS CLI's reference of get-metric-statistics."""
        del scan_by
        start, end = (int(moment.replace(tzinfo=UTC).timestamp()) for moment in (start_time, end_time))
        self.asked.append((start, end))
        return [self._result(query, start, end) for query in queries]

    def _result(self, query: dict[str, Any], start: int, end: int) -> dict[str, Any]:
        stat = query["MetricStat"]
        group = next(each["Value"] for each in stat["Metric"]["Dimensions"] if each["Name"] == "TargetGroup")
        found: dict[int, float] = {}
        for begin in range(start, end, int(stat["Period"])):
            inside = [
                minute
                for (name, moment), minute in self.minutes.items()
                if name == group and begin <= moment < min(end, begin + int(stat["Period"]))
            ]
            value = _statistic(stat["Metric"]["MetricName"], stat["Stat"], inside)
            if value is not None:
                found[begin] = value
        return {
            "id": query["Id"],
            "label": query["Id"],
            "values": list(found.values()),
            "timestamps": [datetime.fromtimestamp(moment, UTC) for moment in found],
            "status_code": self.status,
        }


def _statistic(metric: str, statistic: str, minutes: Sequence[Minute]) -> float | None:
    if metric == "TargetResponseTime":
        ordered = sorted(second for minute in minutes for second in minute.seconds)
        if not ordered:
            return None
        rank = ceil(float(statistic.removeprefix("p")) / 100 * len(ordered) - 1e-9)
        return ordered[max(0, rank - 1)]
    name = {
        "RequestCount": "requests",
        "HTTPCode_Target_5XX_Count": "failures",
        "TargetConnectionErrorCount": "connection_errors",
    }[metric]
    total = sum(getattr(minute, name) for minute in minutes)
    # As the load balancer does: what did not happen is not reported.
    return float(total) if total else None
