"""The smallest change to a spec that makes a recovery objective fit, found by trying."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from spec.assessment import Term, total
from spec.change import Change, changed, cheapest
from spec.deployment import Deployment
from spec.recovery_times import BEATS, enough_beats
from spec.tables.regions import another_region

Terms = Callable[[Deployment], tuple[Term, ...]]

STRONGER: Final = ("backup_restore", "pilot_light", "warm_standby")


def cheapest_recovery(deployment: Deployment, terms_of: Terms, target_minutes: float) -> str:
    """What to write: of all changes together that fit, those that give up or cost least; or that none does."""

    def fits(changes: tuple[Change, ...]) -> bool:
        with_them = changed(deployment, changes)
        return enough_beats(with_them.recovery) and total(terms_of(with_them)) <= target_minutes

    found = cheapest(list(_candidates(deployment)), fits)
    if found is None:
        largest = max(terms_of(deployment), key=lambda term: term.minutes)
        return f"No setting is enough: promise more minutes; largest is {largest.what} ({largest.source})"
    return f"The cheapest change that fits: {', '.join(map(str, found))}"


def _candidates(deployment: Deployment) -> Iterator[Change]:
    recovery = deployment.recovery
    copies = deployment.backup.copies
    if recovery.stands_in:
        yield from _quicker(deployment)
    elif copies is not None:
        for cost, hours in enumerate((12, 8, 6, 4, 3, 2, 1), start=2):
            if copies.every_hours > hours:
                yield Change("backup.copies.every_hours", hours, cost)
    if not recovery.stands_in and deployment.edge.entry != "cdn":
        return
    for strategy in STRONGER[STRONGER.index(recovery.strategy) + 1 :]:
        yield Change("recovery.strategy", strategy, 20 if strategy == "pilot_light" else 30)


def _quicker(deployment: Deployment) -> Iterator[Change]:
    recovery = deployment.recovery
    beats = BEATS * recovery.heartbeat_seconds
    least = max(10, -(-beats // recovery.probe_failures))
    if recovery.probe_seconds > least:
        yield Change("recovery.probe_seconds", least, 1)
    least = max(3, -(-beats // recovery.probe_seconds))
    if recovery.probe_failures > least:
        yield Change("recovery.probe_failures", least, 4)
    least = max(20, beats)
    if recovery.lease_seconds > least:
        yield Change("recovery.lease_seconds", least, 2)
    if recovery.lag_seconds > 60:
        yield Change("recovery.lag_seconds", 60, 2)
    if recovery.failover == "approval":
        yield Change("recovery.failover", "automatic", 10)
    if recovery.witness_region is None:
        yield Change("recovery.witness_region", another_region(deployment.region, recovery.region), 5)
    for name, service in deployment.services.items():
        ready = service.health.readiness
        least = max(5, ready.timeout_seconds + 1)
        if ready.interval_seconds > least:
            yield Change(f"services.{name}.health.readiness.interval_seconds", least, 1)
