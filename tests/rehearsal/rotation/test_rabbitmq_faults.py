"""Faults of a rotation function that a rehearsal at RabbitMQ notices."""

from __future__ import annotations

from tests.rehearsal.rotation.faulty import outcome_with


def test_a_password_in_the_log() -> None:
    """Once for each rotation, that of a single one included."""
    assert "function.log holds secret values: 1" in outcome_with("prints_the_password", "rabbitmq", rotations=1).wrongs
