"""Faults of a rotation function that a rehearsal at Redis notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.rotation.faulty import outcome_with


@pytest.mark.full
def test_an_old_login_that_goes_before_consumers_moved() -> None:
    """Consumers are refused."""
    outcome = outcome_with("retires_at_once", "redis")
    assert outcome.refused > 0
    assert f"{outcome.refused} logins of consumers were refused" in outcome.wrongs


@pytest.mark.full
def test_work_that_is_lost() -> None:
    """The books say more than the server."""
    outcome = outcome_with("loses_work", "redis")
    assert outcome.lost > 0
    assert f"{outcome.lost} operations were lost" in outcome.wrongs


@pytest.mark.full
@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("never_retires", "2 logins of the application's secret are live after its older ones were retired"),
        ("does_not_wait_for_consumers", "a rotation that began too early was not refused"),
        (
            "does_not_refresh",
            "after finishSecret of the application's secret: the refresh of consumers was not started",
        ),
    ],
)
def test_a_state_that_is_not_as_it_must_be(fault: str, wrong: str) -> None:
    """Each rotation is looked at when it is over."""
    assert wrong in outcome_with(fault, "redis", rotations=1).wrongs


@pytest.mark.full
def test_a_failure_that_quotes_a_password(tmp_path: Path) -> None:
    """It is said that there was one, and the text is not repeated."""
    outcome = outcome_with("quotes_the_password", "redis", rotations=1, keep=tmp_path)
    assert "what went wrong is told with a secret value in it, and not repeated here" in outcome.wrongs
    assert not any("cannot log in" in wrong for wrong in outcome.wrongs)
    assert {"function.log", "consumers.log", "metrics.log"} <= {file.name for file in tmp_path.iterdir()}
