"""A release as either engine describes it, at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.plan import Plan
from shared.told import Told

Phase = Literal["under way", "succeeded", "failed"]
Return = Literal["none", "under way", "succeeded", "failed"]


class NotOurs(Told):
    """The deployment is none that this function watches; says why."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What goes live and what was, as found when the watch began: later the old one may be gone."""

    new_task_definition: str
    old_task_definition: str | None
    """None on a service's first release."""
    new_target_group: str | None
    """ARN; None for a service that gets no requests."""


@dataclass(frozen=True, slots=True)
class Release:
    """One deployment, and the one by which its engine takes it back."""

    id: str
    """Under which the ledger keeps it."""
    phase: Phase
    going_back: Return
    began_at: float
    """Epoch seconds, as all times here."""
    ended_at: float | None
    """When the last of the two ended."""
    users_since: float | None
    """When users' requests began to reach the new version; None if they never did."""
    causes: Sequence[str] = ()
    """Sentences: what the engine says about its failure."""
    stop_because: str | None = None
    """Why it has to be stopped now."""


class Engine(Protocol):
    """How one engine's releases are read and stopped."""

    @property
    def release_id(self) -> str:
        """Under which the ledger keeps it."""

    def service(self) -> str:
        """Name of the service in the spec. Raises NotOurs."""

    def versions(self, plan: Plan) -> Versions:
        """What goes live, and what was."""

    def release(self, plan: Plan) -> Release:
        """The deployment now."""

    def stop(self) -> None:
        """Have the engine take the release back. Again is fine, and so is one that has ended."""
