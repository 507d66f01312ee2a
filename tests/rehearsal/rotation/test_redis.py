"""Twenty rotations at a real Redis, under load. In a file of its own, so that another process may run another engine's."""

from __future__ import annotations

from tests.rehearsal.rotation.command import rehearsed


def test_twenty_rotations_and_nobody_notices() -> None:
    """No login refused, no work lost, two live logins at most, no secret value anywhere."""
    done = rehearsed("redis", "--rotations", "20")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "20 of the application" in done.stdout
    assert "the right outcome" in done.stdout
