"""What a failover loses: everything that the active site wrote after the last heartbeat that the replica has replayed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """Times are epoch seconds."""

    replayed_to: float
    """When the last heartbeat that the replica has was written: everything committed before it is there."""
    written_until: float
    """Nothing that anybody was told is stored was written later."""

    @property
    def seconds(self) -> float:
        """At most so much is lost."""
        return max(0.0, self.written_until - self.replayed_to)


def written_until(*, known: float, lease_until: float | None) -> float:
    """Until when the active site may have written: the end of its lease, if there is a witness that it has to ask; without
    one, the last moment at which it is `known` to have been at work, since a person says that it is off.
    """
    return known if lease_until is None else max(known, lease_until)


def refusal(loss: Loss, *, rpo_seconds: float | None, accepted_seconds: float | None) -> str | None:
    """Why `loss` must not be taken; None if it may be: within the recovery point, or as much as somebody has accepted.

    Says how much it is, so that whoever accepts knows what.
    """
    if rpo_seconds is None or loss.seconds <= rpo_seconds:
        return None
    told = f"up to {loss.seconds:.0f} s of writes would be lost, and the recovery point allows {rpo_seconds:.0f} s"
    if accepted_seconds is None:
        return told
    if accepted_seconds >= loss.seconds:
        return None
    return f"{told}; {accepted_seconds:.0f} s were accepted"
