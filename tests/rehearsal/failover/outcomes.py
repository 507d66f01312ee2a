"""An outcome as tests have it."""

from typing import Any

from rehearsal.failover.outcome import Outcome
from rehearsal.failover.plan import Plan


def outcome(**changed: Any) -> Outcome:
    """Return a right one, with changes."""
    right: dict[str, Any] = {
        "plan": Plan(fault="dark", at=17.0),
        "ending": "recovered",
        "right_endings": frozenset({"recovered"}),
        "may_lose": True,
        "rto_seconds": 900.0,
        "rpo_seconds": 300.0,
        "active": "us-east-1",
        "acknowledged": 900,
        "served": 600,
        "lost": 3,
        "lost_span": (-1.0, 2.5),
        "recovery_seconds": 400.0,
        "overlap_seconds": -120.0,
        "promotions": 1,
        "messages": ("shop-prod: failed over",),
        "seconds": 60.0,
    }
    return Outcome(**{**right, **changed})
