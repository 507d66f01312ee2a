"""Faults of a rotation function that a rehearsal at PostgreSQL notices."""

from __future__ import annotations

from tests.rehearsal.rotation.faulty import outcome_with


def test_a_single_user_whom_nobody_asked_for() -> None:
    """Consumers are refused from the moment at which their user has another password."""
    outcome = outcome_with("overwrites_the_current_user", "postgresql")
    assert outcome.refused > 0
    assert f"{outcome.refused} logins of consumers were refused" in outcome.wrongs
