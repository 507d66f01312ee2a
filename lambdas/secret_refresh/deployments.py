"""How a service's own release engine brings new tasks of what is live: what the engines have in common."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.told import Told

Phase = Literal["under way", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """One, at this moment."""

    id: str
    phase: Phase
    ended_at: float | None
    """Epoch seconds."""
    causes: Sequence[str] = ()
    """Sentences: what the engine says about its failure."""


class UnderWay(Exception):  # noqa: N818 - says what is the case; nobody is at fault
    """The engine refuses to begin, because it is at work on the service."""


class NothingLive(Told):
    """There is no version that could be deployed once more without releasing something; says why."""


class Engine(Protocol):
    """The deployments of one service."""

    def under_way(self) -> str | None:
        """ID of a deployment that has not ended, whoever began it."""

    def start(self, mark: str, live: Collection[str]) -> str | None:
        """Deploy what is live once more; the deployment's ID, if the engine tells it at once.

        `mark`: by which `made` finds it. `live`: task definitions of the tasks that serve. Raises UnderWay, NothingLive.
        """

    def made(self, mark: str, claimed_at: float) -> str | None:
        """ID of the deployment that was begun with `mark` after the epoch second `claimed_at`, if there is one."""

    def read(self, deployment: str) -> Deployment:
        """How it is doing."""
