"""Whether the new version is worse than the old one: by tests that a difference of chance rarely passes.

Errors: Fisher's exact test, one-sided (R. A. Fisher, Statistical Methods for Research Workers, 1922 and 1925; A. Agresti,
Categorical Data Analysis, section 3.5). Exact for any counts, so also for the handful of errors of a small canary.

Latency: bounds of a percentile by order statistics (W. J. Conover, Practical Nonparametric Statistics, section 3.2;
H. A. David and H. N. Nagaraja, Order Statistics, section 7.1). They hold for every distribution of response times.

Absolute limits: the exact binomial test (C. J. Clopper and E. S. Pearson, Biometrika 26, 1934) and the same bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from deployment_hooks.distributions import binomial_at_least, hypergeometric_at_least

PERCENTILE: Final = 0.95
"""The one that objectives and alarms are about."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests that a version answered, and how many of them failed."""

    requests: int
    failures: int

    @property
    def share(self) -> float:
        """Failures among requests, 0 to 1."""
        return self.failures / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class Ranks:
    """The order statistics, 1 to n, between which the percentile lies. None: too few values for a bound."""

    lower: int | None
    upper: int | None


def error_chance(new: Counts, old: Counts) -> float:
    """How often at least so many of the failures would fall on the new version if both were equally good."""
    return hypergeometric_at_least(
        new.failures,
        marked=new.failures + old.failures,
        drawn=new.requests,
        total=new.requests + old.requests,
    )


def more_errors(new: Counts, old: Counts, *, confidence: float, margin: float) -> bool:
    """Whether the new version fails more often: certainly, and by more than `margin`, both as shares of one."""
    return new.share - old.share > margin and error_chance(new, old) < 1 - confidence


def errors_above(limit: float, counts: Counts, *, confidence: float) -> bool:
    """Whether the share of failures certainly lies above `limit`."""
    return counts.share > limit and binomial_at_least(counts.failures, n=counts.requests, chance=limit) < 1 - confidence


def percentile_ranks(n: int, *, confidence: float, percentile: float = PERCENTILE) -> Ranks:
    """Ranks whose values bound the percentile of what `n` values are a sample of; each holds with `confidence`."""
    lower = _last(n, lambda rank: binomial_at_least(rank, n=n, chance=percentile) >= confidence)
    beyond = _last(n + 1, lambda rank: 1 - binomial_at_least(rank, n=n, chance=percentile) < confidence)
    return Ranks(lower or None, beyond + 1 if beyond < n else None)


def _last(n: int, holds: Callable[[int], bool]) -> int:
    """The largest of 1 to n for which `holds`, which is true up to it and false from there on; 0 if none."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def percent_below(rank: int, n: int) -> float:
    """The percentile statistic, in percent with two decimals, whose value is at most the one of `rank`.

    However a percentile is defined between two values: by the nearest rank or by interpolation.
    """
    return floor(10_000 * (rank - 1) / n) / 100


def percent_above(rank: int, n: int) -> float:
    """The percentile statistic, in percent with two decimals, whose value is at least the one of `rank`."""
    return min(100.0, ceil(10_000 * rank / n) / 100)


def slower(new_lower: float | None, old_upper: float | None, *, margin: float) -> bool:
    """Whether the new percentile certainly exceeds the old one by more than `margin` (0.25: a quarter).

    `new_lower` and `old_upper` are bounds of the two percentiles. Without a bound nothing is certain.
    """
    return new_lower is not None and old_upper is not None and new_lower > (1 + margin) * old_upper
