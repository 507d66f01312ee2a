"""The load balancer's numbers on their way to CloudWatch: one minute together, and late, as on AWS.

An ALB "sends its metrics in 60-second intervals" (ELB User Guide, CloudWatch metrics); the delay is the one that the
spec's sums count with (`METRIC_DELAY_SECONDS`, where its reason stands). Instant numbers would be a fake.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rehearsal.clock import Clock
from rehearsal.release.accounting import PERIOD_SECONDS, Accounting, Count
from rehearsal.release.balancer import Balancer
from spec.release_times import METRIC_DELAY_SECONDS

NAMESPACE: Final = "AWS/ApplicationELB"
LOOK_SECONDS: Final = 1.0
"""Virtual: between two looks at whether a period is due."""
VALUES_AT_ONCE: Final = 150

Put = Callable[[list[dict[str, Any]]], None]


class Metrics:
    """Publishes each period `METRIC_DELAY_SECONDS` after its end, in a thread of its own."""

    def __init__(self, accounting: Accounting, balancer: Balancer, clock: Clock, put: Put) -> None:
        self._accounting = accounting
        self._balancer = balancer
        self._clock = clock
        self._put = put
        self._stopped = threading.Event()
        self._next = int(clock.epoch() // PERIOD_SECONDS)
        self._hosts: dict[int, dict[str, tuple[int, int]]] = {}
        self.failures: list[str] = []
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Publish no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._clock.real_seconds(LOOK_SECONDS)):
            now = self._clock.epoch()
            try:
                self._hosts[int(now // PERIOD_SECONDS)] = self._counted_hosts()
                if now >= (self._next + 1) * PERIOD_SECONDS + METRIC_DELAY_SECONDS:
                    data = self._data(self._next)
                    if data:
                        self._put(data)
                    self._next += 1
            except Exception as error:  # noqa: BLE001  # told at the end; a dead thread would be silence
                self.failures.append(f"{type(error).__name__}: {error}")

    def _counted_hosts(self) -> dict[str, tuple[int, int]]:
        counts: dict[str, list[int]] = {group.arn: [0, 0] for group in self._balancer.table.target_groups}
        for target, health in self._balancer.health().items():
            if health in ("healthy", "unhealthy") and target.group in counts:
                counts[target.group][health == "unhealthy"] += 1
        return {group: (healthy, unhealthy) for group, (healthy, unhealthy) in counts.items()}

    def _data(self, number: int) -> list[dict[str, Any]]:
        at = datetime.fromtimestamp(number * PERIOD_SECONDS, UTC)
        data: list[dict[str, Any]] = []
        whole: dict[str, Count] = {}
        for group, count in self._accounting.period(number).items():
            balancer = self._balancer.table.load_balancer_of(group)
            if group and balancer:
                data += _requests({"LoadBalancer": balancer, "TargetGroup": target_group_name(group)}, count, at)
                _add(whole.setdefault(balancer, Count()), count)
        for balancer, count in whole.items():
            data += _requests({"LoadBalancer": balancer}, count, at)
        for group, (healthy, unhealthy) in self._hosts.pop(number, {}).items():
            balancer = self._balancer.table.load_balancer_of(group)
            if balancer:
                dimensions = {"LoadBalancer": balancer, "TargetGroup": target_group_name(group)}
                data.append(_datum("HealthyHostCount", dimensions, at, "Count", healthy))
                data.append(_datum("UnHealthyHostCount", dimensions, at, "Count", unhealthy))
        return data


def target_group_name(arn: str) -> str:
    """`targetgroup/<name>/<id>`, as metrics have it."""
    return arn.rpartition(":")[2]


def _add(whole: Count, count: Count) -> None:
    whole.requests += count.requests
    whole.target_errors += count.target_errors
    whole.balancer_errors += count.balancer_errors
    whole.seconds.update(count.seconds)


def _requests(dimensions: Mapping[str, str], count: Count, at: datetime) -> list[dict[str, Any]]:
    """What is not counted is not reported, as an ALB does (CloudWatch metrics: "reported when there is a nonzero value")."""
    data = []
    for name, value in (
        ("RequestCount", count.requests),
        ("HTTPCode_Target_5XX_Count", count.target_errors),
        ("HTTPCode_ELB_5XX_Count", count.balancer_errors),
    ):
        if value:
            data.append(_datum(name, dimensions, at, "Count", value))
    values = sorted(count.seconds)
    for start in range(0, len(values), VALUES_AT_ONCE):
        some = values[start : start + VALUES_AT_ONCE]
        times = {"Values": some, "Counts": [float(count.seconds[value]) for value in some]}
        datum = _datum("TargetResponseTime", dimensions, at, "Seconds", 0)
        del datum["Value"]
        data.append({**datum, **times})
    return data


def _datum(name: str, dimensions: Mapping[str, str], at: datetime, unit: str, value: float) -> dict[str, Any]:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": of} for key, of in dimensions.items()],
        "Timestamp": at,
        "Unit": unit,
        "Value": float(value),
    }
