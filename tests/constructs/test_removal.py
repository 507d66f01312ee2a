"""What becomes of data when its resource is removed."""

from __future__ import annotations

from aws_cdk import RemovalPolicy

from spec.environment import Protection
from understudy.removal import removal_policy, snapshot_policy

KEEP = Protection(on_removal="keep")
DESTROY = Protection(on_removal="destroy")


def test_A1_kept_data_stays_but_a_failed_creation_leaves_nothing() -> None:
    """What was never in use would only stop the next attempt."""
    assert RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE == removal_policy(KEEP)
    assert RemovalPolicy.SNAPSHOT == snapshot_policy(KEEP)


def test_A6_what_may_go_goes() -> None:
    """Without a snapshot too."""
    assert (RemovalPolicy.DESTROY, RemovalPolicy.DESTROY) == (removal_policy(DESTROY), snapshot_policy(DESTROY))
