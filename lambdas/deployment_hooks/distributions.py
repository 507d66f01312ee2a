"""Exact tails of the hypergeometric and the binomial distribution, for counts of up to millions.

Each tail is summed from the term nearest the mean outwards, each term from its neighbour by their ratio; the first comes
from the logarithm of the gamma function, so nothing overflows. Terms below 1e-18 of the sum are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log, log1p
from typing import Final

_NEGLIGIBLE: Final = 1e-18


def log_choose(n: int, k: int) -> float:
    """Natural logarithm of the number of ways to choose `k` of `n`."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def hypergeometric_at_least(k: int, *, marked: int, drawn: int, total: int) -> float:
    """Chance of at least `k` marked ones among `drawn` of `total`, `marked` of which are marked."""
    low, high = max(0, drawn + marked - total), min(marked, drawn)

    def log_chance(i: int) -> float:
        return log_choose(marked, i) + log_choose(total - marked, drawn - i) - log_choose(total, drawn)

    def ratio(i: int) -> float:
        """The chance of i + 1, as a multiple of that of i."""
        return (marked - i) * (drawn - i) / ((i + 1) * (total - marked - drawn + i + 1))

    return _at_least(k, low, high, drawn * marked / total if total else 0.0, log_chance, ratio)


def binomial_at_least(k: int, *, n: int, chance: float) -> float:
    """Chance of at least `k` hits in `n` independent trials that hit with `chance`."""
    if chance <= 0:
        return 1.0 if k <= 0 else 0.0
    if chance >= 1:
        return 1.0 if k <= n else 0.0

    def log_chance(i: int) -> float:
        return log_choose(n, i) + i * log(chance) + (n - i) * log1p(-chance)

    def ratio(i: int) -> float:
        return (n - i) * chance / ((i + 1) * (1 - chance))

    return _at_least(k, 0, n, n * chance, log_chance, ratio)


def _at_least(
    k: int, low: int, high: int, mean: float, log_chance: Callable[[int], float], ratio: Callable[[int], float]
) -> float:
    if k <= low:
        return 1.0
    if k > high:
        return 0.0
    if k > mean:
        return min(1.0, _sum(k, high, 1, log_chance, ratio))
    return max(0.0, 1.0 - _sum(k - 1, low, -1, log_chance, ratio))


def _sum(start: int, end: int, step: int, log_chance: Callable[[int], float], ratio: Callable[[int], float]) -> float:
    """Sum of the chances from `start`, which lies on `end`'s side of the mean, so that terms only fall."""
    term = exp(log_chance(start))
    total, i = term, start
    while i != end and term > _NEGLIGIBLE * total:
        term = term * ratio(i) if step > 0 else term / ratio(i - 1)
        total += term
        i += step
    return total
