"""What is done to the database at the end of a look: the heartbeat with logins that are good for longer, or the fence."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final, Literal

from region_guard.standing import Standing
from shared.lease import CLOCK_SKEW_SECONDS

LOOK_SECONDS: Final = 8
"""The longest that a look may take: the function's time-out (constructs/understudy/region_guard.py)."""

Because = Literal["taken", "handover", "blind"]
"""Why a site is fenced: the other one holds the lease; it asked for it; neither the other one nor the witness could be
reached, and the lease is about to end."""


@dataclass(frozen=True, slots=True)
class State:
    """The database as a look finds it."""

    writable: bool
    beat: int = 0
    """Number of the last heartbeat; 0 before the first."""
    ends: float = inf
    """When the logins of the application end, by the owner role; epoch seconds. inf: never."""
    fenced: Because | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A replica follows the other site's, and the witness of its own keeps no logins."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The site may write."""

    epoch: int
    ends: float | None = None
    """From now on the logins end then; inf: never. None: as it is."""
    lift: bool = False
    """Whether a fence that stands is taken away."""


@dataclass(frozen=True, slots=True)
class Fence:
    """Nobody of the application may be in the database."""

    because: Because
    epoch: int = 0
    """That the site got, if it holds the lease."""


Action = Nothing | Beat | Fence


def action(
    database: State,
    standing: Standing,
    *,
    granted: float | None,
    handover: bool | None,
    witnessed: bool,
    heartbeat_seconds: float,
    now: float,
) -> Action:
    """By the site's standing, and by what it was granted: until when, epoch seconds; None: nothing.

    `handover`: whether the site was asked to stop; None: that cannot be known. `witnessed`: whether there is a witness,
    without which nobody is fenced for what he cannot see.
    """
    if not database.writable:
        return Nothing()
    if standing.role == "other":
        return Fence("taken")
    if handover or (handover is None and database.fenced == "handover"):
        return Fence("handover", standing.epoch)
    if granted is not None:
        return Beat(standing.epoch, granted - CLOCK_SKEW_SECONDS if witnessed else inf, lift=True)
    if not witnessed and standing.role == "holder":
        return Beat(standing.epoch, inf, lift=True)
    if database.fenced is not None:
        return Fence(database.fenced, standing.epoch)
    # The next look may come this much later, and it has to be done before the logins end.
    if database.ends - now <= heartbeat_seconds + LOOK_SECONDS:
        return Fence("blind", standing.epoch)
    return Beat(standing.epoch)
