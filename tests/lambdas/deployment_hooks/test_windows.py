"""Over which minutes two versions are compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deployment_hooks.metrics import Window
from deployment_hooks.windows import Windows, arrived


def _found(shifted_at: float, now: float, side_by_side: float) -> Windows | None:
    return arrived(
        shifted_at=shifted_at, now=now, side_by_side_seconds=side_by_side, period_seconds=60, delay_seconds=60
    )


def test_a_canary_is_compared_over_the_minutes_that_have_arrived() -> None:
    """Shift from 630 to 750; at 755, what ended by 695 has arrived: the minute from 600 to 660."""
    common = Window(600, 660)
    assert Windows(common, common) == _found(750, 755, 120)


def test_the_minute_in_which_the_old_version_lost_its_requests_does_not_count() -> None:
    """However late it is, the window ends before that minute."""
    assert Windows(Window(600, 720), Window(600, 720)) == _found(750, 5000, 120)


def test_all_at_once_compares_after_with_before() -> None:
    """As many minutes of the old version as there are of the new one."""
    assert Windows(Window(720, 840), Window(600, 720)) == _found(750, 900, 0)
    assert _found(750, 800, 0) is None


@given(st.floats(1e9, 2e9), st.floats(0, 2000), st.sampled_from([0.0, 60.0, 120.0, 300.0]))
def test_windows_are_whole_arrived_minutes_of_the_same_length(
    shifted_at: float, later: float, side_by_side: float
) -> None:
    """Nothing that has not arrived, and neither version over more time than the other."""
    found = _found(shifted_at, shifted_at + later, side_by_side)
    if found is None:
        return
    for window in (found.new, found.old):
        assert 0 == window.start % 60 == window.end % 60
        assert window.seconds > 0
        assert window.end + 60 <= shifted_at + later
    assert found.new.seconds == found.old.seconds
