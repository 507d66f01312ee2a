"""How many requests of users the new version answered, and how many of them failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from release_watch.release import Release
from shared.aws import client
from shared.plan import Plan
from shared.told import Told

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

REQUESTS: Final = "RequestCount"
FAILURES: Final = ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount")
"""Answers with 5xx, and requests that no task took, which users saw as the load balancer's 502."""


class UnreadableNumbers(Told):
    """CloudWatch did not give a complete answer."""


@dataclass(frozen=True, slots=True)
class Affected:
    """In whole periods, so the load that hooks sent just before users came may be among them."""

    requests: int
    failures: int
    start: int
    end: int


def window(plan: Plan, release: Release) -> tuple[int, int] | None:
    """Whole periods in which the new version had users, in epoch seconds; None if it had none."""
    if release.users_since is None or release.ended_at is None:
        return None
    period = plan.metric_period_seconds
    return floor(release.users_since / period) * period, ceil(release.ended_at / period) * period


def known_at(plan: Plan, release: Release) -> float:
    """When the numbers of the whole window have arrived, in epoch seconds."""
    counted = window(plan, release)
    return counted[1] + plan.metric_delay_seconds if counted else 0.0


def affected(plan: Plan, target_group: str, counted: tuple[int, int]) -> Affected:
    """Counts of `target_group`. No value within arrived periods means none. Raises UnreadableNumbers."""
    start, end = counted
    queries = [_query(plan, target_group, name) for name in (REQUESTS, *FAILURES)]
    sums = {query["Id"]: 0.0 for query in queries}
    incomplete = set(sums)
    pages = (
        client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=queries,
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(end, UTC),
        )
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            sums[result["Id"]] += sum(result["Values"])
            if result["StatusCode"] == "Complete":
                incomplete.discard(result["Id"])
    if incomplete:
        raise UnreadableNumbers(f"CloudWatch gave no complete answer for {', '.join(sorted(incomplete))}")
    failures = round(sum(sums[name.lower()] for name in FAILURES))
    return Affected(max(round(sums[REQUESTS.lower()]), failures), failures, start, end)


def _query(plan: Plan, target_group: str, name: str) -> MetricDataQueryTypeDef:
    return {
        "Id": name.lower(),
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/ApplicationELB",
                "MetricName": name,
                "Dimensions": [
                    {"Name": "LoadBalancer", "Value": plan.load_balancer},
                    {"Name": "TargetGroup", "Value": plan.dimension(target_group)},
                ],
            },
            "Period": plan.metric_period_seconds,
            "Stat": "Sum",
        },
    }
