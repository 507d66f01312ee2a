"""What is allowed, and should be known: said by `understudy check`, refused by nothing."""

from __future__ import annotations

from collections.abc import Iterator

from spec.deployment import Deployment
from spec.recovery_objectives import takes_over


def remarks(deployment: Deployment) -> tuple[str, ...]:
    """One sentence or two each, what could be done included."""
    return tuple(_of_recovery(deployment))


def _of_recovery(deployment: Deployment) -> Iterator[str]:
    recovery, here = deployment.recovery, deployment.active_region
    if recovery.strategy == "none":
        if deployment.environment == "prod":
            yield f"nothing stands in for {here}: while it is lost, so is this environment (`recovery.strategy`)"
        return
    if not takes_over(deployment):
        yield (
            f"nothing stands in for {here} now: {deployment.waiting_region} was abandoned and follows again with "
            f"`recovery.generation: {recovery.generation + 1}`"
        )
    if recovery.stands_in and recovery.failover == "automatic" and recovery.witness_region is None:
        yield (
            "a failover asks a person, although it is to be automatic: without `recovery.witness_region` nobody can know "
            "that the other region has stopped"
        )
    if deployment.following and (deployment.storage.data or deployment.storage.backups):
        yield (
            f"S3 copies to {deployment.waiting_region} what is written once it follows: objects from before are copied by one job "
            "of S3 Batch Replication (docs/runbooks/mend-a-copy.md)"
        )
