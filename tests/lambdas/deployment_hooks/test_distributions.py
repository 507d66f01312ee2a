"""Exact tails, against sums over every possible outcome."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb, isclose

from hypothesis import given
from hypothesis import strategies as st

from deployment_hooks.distributions import binomial_at_least, hypergeometric_at_least


def _enumerated(k: int, marked: int, drawn: int, total: int) -> float:
    ways = sum(comb(marked, i) * comb(total - marked, drawn - i) for i in range(max(k, 0), min(marked, drawn) + 1))
    return float(Fraction(ways, comb(total, drawn)))


@given(st.data())
def test_the_hypergeometric_tail_is_the_share_of_all_draws(data: st.DataObject) -> None:
    """Counting every draw of up to 60 gives the same chance."""
    total = data.draw(st.integers(1, 60))
    marked, drawn = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    k = data.draw(st.integers(0, total))
    expected = _enumerated(k, marked, drawn, total)
    assert isclose(
        expected, hypergeometric_at_least(k, marked=marked, drawn=drawn, total=total), rel_tol=1e-9, abs_tol=1e-12
    )


@given(st.integers(0, 80), st.integers(0, 80), st.floats(0, 1, allow_subnormal=False))
def test_the_binomial_tail_is_the_sum_of_its_terms(k: int, n: int, chance: float) -> None:
    """Adding all terms in exact fractions gives the same chance."""
    exact = Fraction(chance)
    expected = float(sum(comb(n, i) * exact**i * (1 - exact) ** (n - i) for i in range(k, n + 1)))
    assert isclose(expected, binomial_at_least(k, n=n, chance=chance), rel_tol=1e-9, abs_tol=1e-12)


@given(st.integers(1, 1_000_000), st.floats(0.001, 0.999))
def test_the_binomial_tail_never_rises_and_stays_a_chance(n: int, chance: float) -> None:
    """For a million trials too, around the mean, where the sum changes sides."""
    mean = int(n * chance)
    tails = [binomial_at_least(mean + step, n=n, chance=chance) for step in (-50, -1, 0, 1, 2, 50)]
    assert all(0 <= tail <= 1 for tail in tails)
    assert all(earlier >= later - 1e-9 for earlier, later in pairwise(tails))


def test_far_tails_keep_their_size() -> None:
    """Nothing is lost to subtraction: the chance of 30 heads in 30 throws is one in 2 to the 30."""
    assert isclose(2.0**-30, binomial_at_least(30, n=30, chance=0.5), rel_tol=1e-9)
    assert isclose(1 / comb(200, 20), hypergeometric_at_least(20, marked=20, drawn=20, total=200), rel_tol=1e-9)
