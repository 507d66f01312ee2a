"""Which deployments were begun for a refresh, and what became of them. Kept in the ledger, found again in the world.

An attempt is claimed before the engine is asked, so that of two executions one asks; neither engine knows a token that would
make a request repeated by mistake one. Who dies in between leaves a claim without a deployment: the next look finds the
deployment at the engine, or after a minute, when the claim's holder is dead for certain, asks in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from secret_refresh.deployments import Engine
from shared import clock
from shared.items import Value
from shared.ledger import Ledger
from shared.refreshes import ATTEMPT, about

CLAIM_SECONDS: Final = 60
"""In which a claim's holder has asked the engine, or is dead: more than two calls of AWS take."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One deployment of `service` that brings what became current at the epoch second `need`."""

    service: str
    need: float
    number: int
    claimed_at: float
    by: str
    """The execution that claimed it."""
    deployment: str | None = None
    refused: str | None = None
    """Why the engine did not even begin."""
    refused_at: float = 0.0

    @property
    def entry(self) -> str:
        """Its name in the ledger."""
        return entry_of(self.need, self.number)

    @property
    def mark(self) -> str:
        """What CodeDeploy keeps as the deployment's description."""
        return f"new secrets for {self.service}: {self.entry}"


def entry_of(need: float, number: int) -> str:
    """Name in the ledger. Sorts by number."""
    return f"{ATTEMPT}{need:.3f}#{number:04d}"


def latest(service: str, need: float, ledger: Ledger) -> Attempt | None:
    """The last one for `need`."""
    found = ledger.entries(about(service), f"{ATTEMPT}{need:.3f}#")
    if not found:
        return None
    entry, values = max(found.items())
    return Attempt(
        service=service,
        need=need,
        number=int(entry.rsplit("#", 1)[-1]),
        claimed_at=float(values.get("claimed_at") or 0),
        by=str(values.get("by")),
        deployment=_text(values.get("deployment")),
        refused=_text(values.get("because")),
        refused_at=float(values.get("ended_at") or 0),
    )


def claim(service: str, need: float, number: int, by: str, ledger: Ledger) -> Attempt | None:
    """Claim attempt `number`; None if somebody else has."""
    attempt = Attempt(service, need, number, clock.epoch(), by)
    _, mine = ledger.put_once(about(service), attempt.entry, {"claimed_at": attempt.claimed_at, "by": by})
    return attempt if mine else None


def take_over(attempt: Attempt, ledger: Ledger) -> bool:
    """Ask the engine in place of a dead claimant; False if another execution does."""
    return ledger.replace_if(about(attempt.service), attempt.entry, "claimed_at", attempt.claimed_at, clock.epoch())


def note(attempt: Attempt, deployment: str, ledger: Ledger) -> None:
    """Remember which deployment it is."""
    ledger.add_once(about(attempt.service), attempt.entry, {"deployment": deployment}, unless="deployment")


def refuse(attempt: Attempt, because: str, ledger: Ledger) -> None:
    """Remember that the engine would not begin."""
    ledger.add_once(
        about(attempt.service), attempt.entry, {"because": because, "ended_at": clock.epoch()}, unless="because"
    )


def deployment_of(attempt: Attempt, engine: Engine, ledger: Ledger) -> str | None:
    """ID of its deployment; None if there is none yet."""
    if attempt.deployment is not None:
        return attempt.deployment
    found = engine.made(attempt.mark, attempt.claimed_at)
    if found is not None:
        note(attempt, found, ledger)
    return found


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
