"""What the ledger says about deployments that bring a service's tasks to new values of their secrets, and release nothing."""

from __future__ import annotations

from typing import Final

from shared.ledger import Entry, Ledger

ATTEMPT: Final = "attempt#"
"""Entries about deployments: `claimed_at` before the engine is asked, `by` (the execution), `deployment` once its id is known,
`ended_at` and `because` if it failed."""
CLOCKS_APART_SECONDS: Final = 5
"""How far the time that an engine gives a deployment may lie before the claim that it was made for."""
STARTING_SECONDS: Final = 120
"""How long after its claim a deployment may begin."""


def about(service: str) -> str:
    """Under which the ledger keeps the refreshes of `service`: no release has such a name."""
    return f"secret-refresh#{service}"


def is_refresh(ledger: Ledger, service: str, deployment: str, began_at: float) -> bool:
    """Whether `deployment` of `service`, which began at the epoch second `began_at`, only refreshes it."""
    return any(_made(attempt, deployment, began_at) for attempt in ledger.entries(about(service), ATTEMPT).values())


def _made(attempt: Entry, deployment: str, began_at: float) -> bool:
    if "deployment" in attempt:
        return attempt["deployment"] == deployment
    # Whoever asked for it died before it could write down the answer.
    since_claim = began_at - float(attempt.get("claimed_at") or 0)
    return -CLOCKS_APART_SECONDS <= since_claim <= STARTING_SECONDS
