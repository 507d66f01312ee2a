"""What an environment can promise, computed term by term from the values it is built from.

Release and rollback: `release_objectives`. Recovery is from the loss of a zone; backups and a stand-in region bring
their own sums when they exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spec.assessment import Assessment, Term, total
from spec.cheapest_change import cheapest_change
from spec.deployment import Deployment
from spec.release_objectives import release, rollback, running

DAYS_PER_PERIOD: Final = 30
MINUTES_PER_PERIOD: Final = DAYS_PER_PERIOD * 24 * 60

# Provisioning times of AWS, in minutes. `source` of each term repeats where they are from.
MULTI_AZ_FAILOVER: Final = Term(
    "database failover", 2.0, "RDS User Guide, Multi-AZ DB instance deployments: typically 60-120 s"
)
DATABASE_RESTORE: Final = Term(
    "database restore",
    30.0,
    "RDS instance creation 5-10 min, then log replay; point-in-time restore to the other zone",
)
CACHE_FAILOVER: Final = Term(
    "cache failover",
    1.0,
    "ElastiCache User Guide, minimizing downtime: promotion of a replica in seconds to a minute",
)
CACHE_CREATION: Final = Term("cache replacement", 13.0, "creation of a replication group, 9-13 min")
BROKER_FAILOVER: Final = Term(
    "broker failover", 1.0, "Amazon MQ Developer Guide, RabbitMQ clusters: clients reconnect to another node"
)
BROKER_CREATION: Final = Term("broker replacement", 30.0, "creation of a broker, 11 min typical, over 30 seen")
DETECTION: Final = Term("detection", 1.0, "two failed health checks of one minute")
TRANSACTION_LOGS: Final = Term(
    "transaction logs", 5.0, "RDS User Guide, point-in-time recovery: logs are uploaded every five minutes"
)
SYNCHRONOUS: Final = Term("synchronous standby", 0.0, "RDS User Guide, Multi-AZ: a commit waits for the standby")
SINGLE_MAINTENANCE: Final = Term(
    "database maintenance",
    30.0,
    "RDS User Guide, maintenance: a single-AZ instance is down for it, once a month at most in its window of an hour",
)
CACHE_MAINTENANCE: Final = Term("cache maintenance", 13.0, "without replicas a node's replacement is an outage")
BROKER_MAINTENANCE: Final = Term(
    "broker maintenance", 15.0, "Amazon MQ Developer Guide, maintenance: a single broker reboots"
)


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
            found.append(Assessment(name, "minutes", target, total(terms), terms, advice))
    if promised.uptime is not None:
        terms = interruptions(deployment)
        reached = 100 * (1 - total(terms) / MINUTES_PER_PERIOD)
        remedy = _remedy("Let nothing stand alone: Multi-AZ database, cache replicas, broker cluster", terms)
        found.append(Assessment("uptime", "percent", promised.uptime, reached, terms, remedy, higher_is_better=True))
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
