"""Whether the active site is lost, from what several independent signals say. One of them alone moves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from failover.signals import Signal

AGREEING: Final = 2
"""As many have to say `lost`."""
VETOES: Final = ("probe", "guard")
"""Signs of life: who answers users, or renews its lease, is not lost. A database that still replicates is no such sign, since
nobody may write to it once the lease is over; and AWS Health knows no `alive`."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Of the active site, at one moment."""

    verdict: Literal["lost", "alive", "undecided"]
    signals: Sequence[Signal]

    @property
    def life(self) -> str:
        """Each sign of life with its reason, for people; nothing else, since a message begins with it."""
        return "; ".join(map(_said, (signal for signal in self.signals if _alive(signal))))

    def __str__(self) -> str:
        """Each signal with its reason, for people."""
        return "; ".join(map(_said, self.signals))


def assess(signals: Sequence[Signal]) -> Assessment:
    """Decide. A veto outweighs any number of signals that say `lost`."""
    if any(map(_alive, signals)):
        return Assessment("alive", signals)
    lost = [signal for signal in signals if signal.says == "lost"]
    return Assessment("lost" if len(lost) >= AGREEING else "undecided", signals)


def _alive(signal: Signal) -> bool:
    return signal.says == "alive" and signal.name in VETOES


def _said(signal: Signal) -> str:
    return f"{signal.name} says {signal.says}: {signal.why}"
