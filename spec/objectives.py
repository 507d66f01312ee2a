"""What an environment can promise, computed term by term from the values it is built from.

Release and rollback: `release_objectives`. Recovery from the loss of a zone is computed here, from the loss of the region in
`recovery_objectives`, where something takes over then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spec.assessment import Assessment, Term, total
from spec.cheapest_change import cheapest_change
from spec.deployment import Deployment
from spec.provisioning import (
    BROKER_CREATION,
    BROKER_FAILOVER,
    BROKER_MAINTENANCE,
    CACHE_CREATION,
    CACHE_FAILOVER,
    CACHE_MAINTENANCE,
    DATABASE_RESTORE,
    DETECTION,
    MULTI_AZ_FAILOVER,
    SINGLE_MAINTENANCE,
    SYNCHRONOUS,
    TRANSACTION_LOGS,
)
from spec.recovery_objectives import assess_region
from spec.release_objectives import release, rollback, running

DAYS_PER_PERIOD: Final = 30
MINUTES_PER_PERIOD: Final = DAYS_PER_PERIOD * 24 * 60


def assess(deployment: Deployment) -> tuple[Assessment, ...]:
    """Every objective that the spec promises and that can be computed; what is only watched is not here."""
    promised = deployment.objectives
    sums: tuple[tuple[str, float | None, Callable[[Deployment], tuple[Term, ...]], str], ...] = (
        ("deploy_minutes", promised.deploy_minutes, release, ""),
        ("rollback_minutes", promised.rollback_minutes, rollback, ""),
        (
            "rto_minutes",
            promised.rto_minutes,
            zone_loss,
            "Use `database.multi_az: true`, cache replicas and a broker cluster",
        ),
        ("rpo_minutes", promised.rpo_minutes, lost_data, "Use `database.multi_az: true`"),
    )
    found = []
    for name, target, terms_of, remedy in sums:
        if target is not None:
            terms = terms_of(deployment)
            advice = _remedy(remedy, terms) if remedy else _cheapest(deployment, terms_of, target)
            path = ("objectives", name)
            found.append(Assessment(name, "minutes", target, total(terms), terms, advice, path=path))
    found += assess_region(deployment)
    if promised.uptime is not None:
        terms = interruptions(deployment)
        reached = 100 * (1 - total(terms) / MINUTES_PER_PERIOD)
        remedy = _remedy("Let nothing stand alone: Multi-AZ database, cache replicas, broker cluster", terms)
        found.append(
            Assessment(
                "uptime",
                "percent",
                promised.uptime,
                reached,
                terms,
                remedy,
                higher_is_better=True,
                path=("objectives", "uptime"),
            )
        )
    return tuple(found)


def zone_loss(deployment: Deployment) -> tuple[Term, ...]:
    """Terms of recovery from the loss of a zone: what stands in other zones takes over side by side, the slowest counts;
    tasks reconnect after it.
    """
    slowest = max((_takeovers(deployment)), key=lambda term: term.minutes, default=None)
    return (DETECTION, *([slowest] if slowest else []), *_restart(deployment))


def lost_data(deployment: Deployment) -> tuple[Term, ...]:
    """The newest committed data that the loss of a zone may take."""
    if deployment.database is None:
        return ()
    return (SYNCHRONOUS,) if deployment.database.multi_az else (TRANSACTION_LOGS,)


def interruptions(deployment: Deployment) -> tuple[Term, ...]:
    """Planned interruptions in thirty days: each data store has its maintenance once. Releases interrupt nothing."""
    terms = []
    if deployment.database is not None:
        terms.append(MULTI_AZ_FAILOVER if deployment.database.multi_az else SINGLE_MAINTENANCE)
    if deployment.cache is not None:
        terms.append(CACHE_FAILOVER if deployment.cache.replicas_per_shard else CACHE_MAINTENANCE)
    if deployment.queue is not None:
        terms.append(BROKER_FAILOVER if deployment.queue.deployment == "cluster" else BROKER_MAINTENANCE)
    return tuple(terms)


def _takeovers(deployment: Deployment) -> list[Term]:
    terms = []
    if deployment.database is not None:
        terms.append(MULTI_AZ_FAILOVER if deployment.database.multi_az else DATABASE_RESTORE)
    if deployment.cache is not None:
        terms.append(CACHE_FAILOVER if deployment.cache.replicas_per_shard else CACHE_CREATION)
    if deployment.queue is not None:
        terms.append(BROKER_FAILOVER if deployment.queue.deployment == "cluster" else BROKER_CREATION)
    return terms


def _restart(deployment: Deployment) -> tuple[Term, ...]:
    return max((running(service) for service in deployment.services.values()), key=total)


def _cheapest(deployment: Deployment, terms_of: Callable[[Deployment], tuple[Term, ...]], target: float) -> str:
    """What would make a release fit; looked for only where it does not."""
    return cheapest_change(deployment, terms_of, target) if total(terms_of(deployment)) > target else ""


def _remedy(remedy: str, terms: tuple[Term, ...]) -> str:
    largest = max(terms, key=lambda term: term.minutes, default=None)
    return f"{remedy}; largest is {largest.what} ({largest.source})" if largest else remedy
