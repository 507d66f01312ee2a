"""Who moves after whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secret_refresh.order import waits_for

NAMES = "abcdefg"


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, set[str]], set[str]]:
    """Anything, circles too; and who lags."""
    names = st.sampled_from(NAMES)
    after = {name: draw(st.sets(names, max_size=3)) for name in NAMES}
    return after, draw(st.sets(names))


def moved(after: dict[str, set[str]], lagging: set[str]) -> list[set[str]]:
    """Who moves side by side, step by step."""
    steps, left = [], set(lagging)
    while left:
        ready = {name for name in left if not waits_for(name, after, sorted(left))}
        assert ready, f"{left} wait for each other"
        steps.append(ready)
        left -= ready
    return steps


def paths(after: dict[str, set[str]], start: str) -> set[str]:
    """What can be reached from `start`, by the plain definition."""
    reached: set[str] = set()
    for _ in NAMES:
        reached |= {other for name in {start, *reached} for other in after[name]}
    return reached


@given(graphs())
def test_everybody_moves_and_nobody_before_what_it_calls(graph: tuple[dict[str, set[str]], set[str]]) -> None:
    """Through any number of others, unless the two are on one circle."""
    after, lagging = graph
    steps = moved(after, lagging)
    assert sorted(lagging) == sorted(name for step in steps for name in step)
    when = {name: number for number, step in enumerate(steps) for name in step}
    for caller in lagging:
        for callee in lagging & paths(after, caller):
            if caller not in paths(after, callee):
                assert when[callee] < when[caller]


@given(graphs())
def test_nobody_waits_longer_than_the_longest_chain_before_it(graph: tuple[dict[str, set[str]], set[str]]) -> None:
    """All that may move side by side do."""
    after, lagging = graph
    for number, step in enumerate(moved(after, lagging)):
        if number:
            earlier = moved(after, lagging)[number - 1]
            assert all(paths(after, name) & earlier for name in step)
