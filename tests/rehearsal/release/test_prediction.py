"""The prediction of how many users a bad version meets."""

from __future__ import annotations

import math

import pytest

from rehearsal.release.prediction import Step, exposure_seconds, predict, share_of_users, steps
from rehearsal.release.versions import VersionName
from spec.release import Release


def test_a_canary_gives_its_share_and_then_everything() -> None:
    """Ten percent for two minutes, then all."""
    assert (Step(0, 0.1), Step(120, 1.0)) == steps(Release())


def test_a_linear_shift_adds_the_same_share_each_time() -> None:
    """A third each minute; the last step is what is left."""
    assert (Step(0, 0.34), Step(60, 0.68), Step(120, 1.0)) == steps(Release(strategy="linear"))


@pytest.mark.parametrize(("end", "weighed"), [(0, 0), (60, 6), (120, 12), (130, 22)])
def test_time_is_weighed_by_the_share_of_the_requests(end: float, weighed: float) -> None:
    """A minute of a tenth is worth six seconds of everything."""
    assert math.isclose(weighed, exposure_seconds(steps(Release()), end))


def test_who_asks_twice_as_often_meets_it_more_likely() -> None:
    """One request in the time at ten percent is a tenth at most; very many requests are everybody."""
    assert math.isclose(1 - math.exp(-0.1), share_of_users(6, 1 / 60))
    assert math.isclose(1, share_of_users(6, 100))


def test_a_bad_minute_is_known_when_it_is_over_and_reported() -> None:
    """At best the minute was nearly over: the delay is left. At worst it had just begun: the minute too, and the looks."""
    fastest, slowest = predict(Release(), "errors", 1 / 60).seconds
    assert (60, 60 + 60 + 10 + 15) == (fastest, slowest)


def test_a_second_datapoint_costs_a_whole_minute() -> None:
    """The first one does not count alone."""
    one = predict(Release(), "errors", 1 / 60).seconds
    two = predict(Release.model_validate({"alarms": {"datapoints": 2}}), "errors", 1 / 60).seconds
    assert (60, 60) == (two[0] - one[0], two[1] - one[1])


@pytest.mark.parametrize("version", ["crash", "bad-migration"])
def test_what_never_starts_is_met_by_nobody(version: VersionName) -> None:
    """Its tasks are never healthy, or are never started."""
    assert ((0, 0), (0, 0)) == (predict(Release(), version, 1).seconds, predict(Release(), version, 1).users)
