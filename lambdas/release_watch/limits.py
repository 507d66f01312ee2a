"""When a CodeDeploy deployment has taken too long. Its own limits are an hour and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.plan import Timeouts

INSTALL: Final = "Install"
TRAFFIC: Final = "AllowTraffic"
NOT_REACHED: Final = ("Pending", "Skipped")


def exceeded(
    timeouts: Timeouts, began_at: float | None, lifecycle_events: Sequence[Mapping[str, Any]], now: float
) -> str | None:
    """Why a deployment that is under way must stop, at the epoch second `now`; None if it may go on.

    `began_at`: None while it waits for another one to end.
    """
    started, ended = times(lifecycle_events, INSTALL)
    if started is not None and ended is None and now - started > timeouts.install:
        return (
            f"new tasks were not healthy {now - started:.0f} s after they were asked for, "
            f"which is over the limit of {timeouts.install:g} s"
        )
    if began_at is not None and now - began_at > timeouts.total:
        return f"it was not over after {now - began_at:.0f} s, which is over the limit of {timeouts.total:g} s"
    return None


def times(lifecycle_events: Sequence[Mapping[str, Any]], name: str) -> tuple[float | None, float | None]:
    """Start and end of the life-cycle event `name`, in epoch seconds; None for what has not come."""
    for event in lifecycle_events:
        if event.get("lifecycleEventName") == name and event.get("status") not in NOT_REACHED:
            return _epoch(event.get("startTime")), _epoch(event.get("endTime"))
    return None, None


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment is not None else None
