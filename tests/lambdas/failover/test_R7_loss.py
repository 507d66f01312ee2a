"""Requirement R7: what a failover loses, and whether that may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.loss import Loss, refusal, written_until

NOW = 1_000_000.0
seconds = st.floats(0, 10_000)


@pytest.mark.parametrize(
    ("lost", "accepted", "refused"),
    [
        (0.0, None, False),
        (300.0, None, False),
        (301.0, None, True),
        (301.0, 0.0, True),
        (301.0, 300.0, True),
        (301.0, 301.0, False),
        (100.0, 10.0, False),
    ],
)
def test_R7_over_the_recovery_point_only_with_acceptance(lost: float, accepted: float | None, *, refused: bool) -> None:
    """Of at least as much, and the sentence says how much."""
    why = refusal(Loss(NOW, NOW + lost), rpo_seconds=300, accepted_seconds=accepted)
    assert refused == (why is not None)
    assert why is None or f"up to {lost:.0f} s of writes would be lost, and the recovery point allows 300 s" in why


def test_R7_without_a_recovery_point_nothing_is_refused() -> None:
    """The spec promises none."""
    assert None is refusal(Loss(NOW, NOW + 10_000), rpo_seconds=None, accepted_seconds=None)


def test_R7_with_a_witness_the_end_of_the_lease_counts() -> None:
    """Until then the lost site may have written, though nobody here heard of it; without one, a person says that it is off."""
    assert NOW + 45 == written_until(known=NOW, lease_until=NOW + 45)
    assert NOW == written_until(known=NOW, lease_until=NOW - 45)
    assert NOW == written_until(known=NOW, lease_until=None)


@given(seconds, seconds, st.none() | seconds)
def test_R7_nothing_beyond_both_limits_ever_passes(lost: float, rpo: float, accepted: float | None) -> None:
    """The loss that is let through is within the recovery point, or within what somebody accepted."""
    loss = Loss(NOW, NOW + lost)
    if refusal(loss, rpo_seconds=rpo, accepted_seconds=accepted) is None:
        assert loss.seconds <= max(rpo, accepted or 0)
    assert 0 == Loss(NOW, NOW - lost).seconds
