"""What a polled function answers: the three statuses, and seconds that a Wait state takes."""

from __future__ import annotations

import pytest

from shared.workflow_answer import done, failed, later


@pytest.mark.parametrize(
    ("seconds", "waited"),
    [(5, 5), (0.2, 1), (-3, 1), (7.1, 8)],
    ids=["whole", "less than one", "over already", "broken"],
)
def test_a_wait_is_of_whole_seconds_and_never_shorter_than_wanted(seconds: float, waited: int) -> None:
    """A Wait state refuses anything but a positive whole number."""
    assert {"status": "IN_PROGRESS", "wait_seconds": waited, "reason": "the replica lags"} == (
        later("the replica lags", seconds).told()
    )


def test_the_end_is_good_or_bad() -> None:
    """The two statuses at which the workflow ends."""
    assert ("SUCCEEDED", "all moved") == (done("all moved").status, done("all moved").reason)
    assert ("FAILED", "no replica") == (failed("no replica").status, failed("no replica").reason)
