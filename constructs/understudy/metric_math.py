"""Expressions over several metrics of which some have no data: a target group without requests reports nothing.

`SUM` and `MAX` of a list leave out what has no data; `+` would have none as soon as one of the two has none (CloudWatch
User Guide, using metric math).
"""

from __future__ import annotations

from collections.abc import Iterable


def total(ids: Iterable[str]) -> str:
    """The sum of the metrics with these IDs."""
    return _over("SUM", ids)


def greatest(ids: Iterable[str]) -> str:
    """The largest of them at each moment."""
    return _over("MAX", ids)


def not_drained(ids: Iterable[str]) -> str:
    """Whether their sum is at least half of what it was one period earlier. True at the first period that has data."""
    now = total(ids)
    return f"FILL(DIFF({now}), 0) + {now} >= 0"


def _over(function: str, ids: Iterable[str]) -> str:
    listed = list(ids)
    return listed[0] if len(listed) == 1 else f"{function}([{', '.join(listed)}])"
