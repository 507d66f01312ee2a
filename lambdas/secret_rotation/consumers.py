"""Who still holds an older value of a secret."""

from __future__ import annotations

from typing import Final

from secret_rotation.settings import Secret, Settings
from shared.consumers import laggards

NAMED: Final = 3
"""Tasks in a sentence."""


def lagging(settings: Settings, secret: Secret, since: float) -> str | None:
    """Which tasks may hold an older value than the one that is current `since`, as a sentence; None if none does."""
    if not secret.consumers:
        return None
    found = laggards(settings.cluster, settings.prefix, secret.consumers, since)
    if not found:
        return None
    tasks = ", ".join(f"{laggard.service} in {laggard.task}" for laggard in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"tasks that started with an older value have to be replaced first, by the refresh ({tasks}{more})"
