"""The two tests and the absolute limits: sound, monotone, and rarely wrong by chance."""

from __future__ import annotations

import random
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment_hooks.comparison import (
    Counts,
    error_chance,
    errors_above,
    more_errors,
    percent_above,
    percent_below,
    percentile_ranks,
    slower,
)

counts = st.integers(1, 400).flatmap(lambda n: st.integers(0, n).map(lambda k: Counts(n, k)))


def test_fishers_tea() -> None:
    """His own table: four of four cups right has a chance of 1 in 70, three of four of 17 in 70."""
    assert pytest.approx(1 / 70) == error_chance(Counts(4, 4), Counts(4, 0))
    assert pytest.approx(17 / 70) == error_chance(Counts(4, 3), Counts(4, 1))


@given(counts, counts)
def test_one_more_failure_is_never_less_certain(new: Counts, old: Counts) -> None:
    """With the old version's numbers as they are."""
    worse = Counts(new.requests, min(new.requests, new.failures + 1))
    assert error_chance(worse, old) <= error_chance(new, old) + 1e-12


def test_both_equally_bad_is_not_worse() -> None:
    """A broken dependency that both versions meet takes no release back."""
    assert not more_errors(Counts(1000, 100), Counts(9000, 900), confidence=0.99, margin=0.001)


def test_a_certain_difference_below_the_margin_does_not_count() -> None:
    """Of millions of requests, a hundredth of a percent more is certain and does not matter."""
    new, old = Counts(1_000_000, 300), Counts(1_000_000, 200)
    assert error_chance(new, old) < 0.01
    assert not more_errors(new, old, confidence=0.99, margin=0.001)
    assert more_errors(new, old, confidence=0.99, margin=0.00001)


def test_a_large_difference_by_chance_does_not_count() -> None:
    """One failure of few requests says nothing."""
    assert not more_errors(Counts(50, 1), Counts(450, 0), confidence=0.99, margin=0.001)
    assert more_errors(Counts(200, 10), Counts(1800, 2), confidence=0.99, margin=0.001)


def test_equally_good_versions_are_rarely_told_apart() -> None:
    """In 400 releases of equal versions, at 99 %, no more are refused than chance allows."""
    chance = random.Random(3)
    refused = 0
    for _ in range(400):
        new = Counts(300, sum(chance.random() < 0.02 for _ in range(300)))
        old = Counts(2700, sum(chance.random() < 0.02 for _ in range(2700)))
        refused += more_errors(new, old, confidence=0.99, margin=0.0)
    assert refused <= 8  # 4 expected at most; 9 would come once in 50 runs of an exact test, this one errs less


def test_the_limit_of_errors_needs_certainty() -> None:
    """One failure in 200 does not prove more than one in a thousand; three do."""
    assert not errors_above(0.001, Counts(200, 1), confidence=0.99)
    assert errors_above(0.001, Counts(200, 3), confidence=0.99)
    assert errors_above(0.0, Counts(200, 1), confidence=0.99)
    assert not errors_above(0.0, Counts(200, 0), confidence=0.99)


@pytest.mark.parametrize("confidence", [0.9, 0.99])
@pytest.mark.parametrize("n", [120, 500])
def test_bounds_hold_as_often_as_they_say(n: int, confidence: float) -> None:
    """A skewed distribution, whose 95th percentile is known: each bound errs no more often than allowed."""
    chance = random.Random(n)
    truth = 1.0 / (1 - 0.95) ** 0.5  # Pareto with exponent 2
    ranks = percentile_ranks(n, confidence=confidence)
    assert ranks.lower is not None
    assert ranks.upper is not None
    runs, wrong_below, wrong_above = 1500, 0, 0
    for _ in range(runs):
        values = sorted(chance.paretovariate(2) for _ in range(n))
        wrong_below += values[ranks.lower - 1] > truth
        wrong_above += values[ranks.upper - 1] < truth
    allowed = runs * (1 - confidence)
    assert wrong_below <= allowed + 3 * allowed**0.5
    assert wrong_above <= allowed + 3 * allowed**0.5


@given(st.integers(0, 5000), st.sampled_from([0.9, 0.95, 0.99, 0.999]))
def test_bounds_stand_around_the_percentile(n: int, confidence: float) -> None:
    """The lower rank below 95 % of the values, the upper one above; more certainty moves them apart."""
    ranks = percentile_ranks(n, confidence=confidence)
    surer = percentile_ranks(n, confidence=0.9999)
    if ranks.lower is not None:
        assert 1 <= ranks.lower <= ceil(0.95 * n)
        assert surer.lower is None or surer.lower <= ranks.lower
    if ranks.upper is not None:
        assert 0.95 * n <= ranks.upper <= n
        assert surer.upper is None or surer.upper >= ranks.upper


def test_an_upper_bound_needs_ninety_values_at_99_percent() -> None:
    """0.95 to the 90 is below one in a hundred, to the 89 above."""
    assert percentile_ranks(89, confidence=0.99).upper is None
    assert 90 == percentile_ranks(90, confidence=0.99).upper


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.data())
def test_percentile_statistics_keep_on_the_safe_side(values: list[float], data: st.DataObject) -> None:
    """Whether a percentile is the nearest rank or interpolated, the one asked for is not beyond the rank's value."""
    ordered, n = sorted(values), len(values)
    rank = data.draw(st.integers(1, n))

    def nearest(percent: float) -> float:
        return ordered[max(0, ceil(percent / 100 * n - 1e-9) - 1)]

    def interpolated(percent: float) -> float:
        place = (n - 1) * percent / 100
        low = int(place)
        return ordered[low] + (place - low) * (ordered[min(low + 1, n - 1)] - ordered[low])

    for read in (nearest, interpolated):
        assert read(percent_below(rank, n)) <= ordered[rank - 1] + 1e-9
        assert read(percent_above(rank, n)) >= ordered[rank - 1] - 1e-9 or rank == n


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 2))
def test_slower_means_beyond_the_margin(new: float, old: float, margin: float) -> None:
    """And once slower, slower still is slower too."""
    found = [slower(new + step, old, margin=margin) for step in (0, 1, 100)]
    assert all(later or not earlier for earlier, later in pairwise(found))
    assert not slower(new, None, margin=margin)
    assert not slower(None, old, margin=margin)
    assert not slower(old, old, margin=margin)
