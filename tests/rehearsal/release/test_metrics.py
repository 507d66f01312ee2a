"""What the load balancer reports, and when."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from rehearsal.clock import Clock
from rehearsal.release.accounting import Accounting, rounded
from rehearsal.release.data_plane import DataPlane
from rehearsal.release.metrics import Metrics
from rehearsal.release.stage import Stage
from rehearsal.release.versions import OLD
from spec.release_times import METRIC_DELAY_SECONDS
from tests.rehearsal.release.engine_by_hand import BLUE, HOST, Hand, until

SPEED = 60.0


@pytest.fixture
def fast() -> Iterator[Hand]:
    """A stage on which a minute is a second."""
    clock = Clock.started_now(SPEED)
    with Stage(clock, pull_seconds=1, names=[HOST]) as stage:
        data_plane = DataPlane(stage)
        made = Hand(stage, data_plane, clock)
        yield made
        for users in made.started:
            users.kill()
        data_plane.stop()


def test_numbers_arrive_by_the_minute_and_late(fast: Hand) -> None:
    """Each minute's together, a delay after its end, under the target group's and the load balancer's name; none is lost."""
    fast.weights(100, 0)
    fast.run("old", OLD, BLUE)
    fast.healthy("old")
    arrived: list[tuple[float, dict[str, Any]]] = []
    metrics = Metrics(
        fast.stage.accounting,
        fast.stage.balancer,
        fast.clock,
        lambda data: arrived.extend((fast.clock.epoch(), datum) for datum in data),
    )
    users = fast.load(rate=200, slow_share=0)
    time.sleep(4)
    users.stop()
    sent = fast.stage.accounting.total(BLUE).requests
    time.sleep(3)
    metrics.stop()
    counts = [(at, datum) for at, datum in arrived if datum["MetricName"] == "RequestCount"]
    whole = [(at, datum) for at, datum in counts if len(datum["Dimensions"]) == 1]
    assert sent == sum(datum["Value"] for at, datum in counts if len(datum["Dimensions"]) == 2)
    assert sent == sum(datum["Value"] for at, datum in whole)
    assert len(whole) > 2
    for at, datum in counts:
        start = datum["Timestamp"]
        assert isinstance(start, datetime)
        assert start.second == 0
        assert at - start.timestamp() >= 60 + METRIC_DELAY_SECONDS
    times = [datum for _, datum in arrived if datum["MetricName"] == "TargetResponseTime"]
    assert 2 * sent == sum(sum(datum["Counts"]) for datum in times)
    hosts = [datum["Value"] for _, datum in arrived if datum["MetricName"] == "HealthyHostCount"]
    assert 2 in hosts
    assert [] == metrics.failures


def test_lines_of_the_log_are_counted_by_what_they_say() -> None:
    """A target's own 5xx, one that the load balancer gave in its place, a redirect, and news that are no requests."""
    with TemporaryDirectory(prefix="understudy-") as folder:
        path = Path(folder) / "log.sock"
        accounting = Accounting(path, Clock.started_now(10), lambda backend: {"tg0": "blue"}.get(backend, ""))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            for line in (
                "request tg0 s1 200 12 14 ----",
                "request tg0 s1 500 30 31 ----",
                "request tg0 s2 503 -1 0 SC--",
                "request port443 <NOSRV> 404 -1 0 LR--",
                "Server tg0/s1 is DOWN, reason: Layer7",
            ):
                sender.sendto(line.encode(), str(path))
        until(lambda: accounting.lines == 4)
        total = accounting.total("blue")
        accounting.stop()
    assert (3, 1, 1) == (total.requests, total.target_errors, total.balancer_errors)
    assert ["tg0 s2 503 -1 0 SC--"] == accounting.failures


@pytest.mark.parametrize(("seconds", "kept"), [(0, 0.001), (0.0004, 0.001), (0.01234, 0.012), (1.26, 1.3), (14.7, 15)])
def test_times_are_kept_with_two_digits(seconds: float, kept: float) -> None:
    """CloudWatch takes a hundred and fifty different values at once."""
    assert kept == rounded(seconds)
