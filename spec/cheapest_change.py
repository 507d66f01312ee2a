"""The smallest change to a spec that makes a release or rollback fit, found by trying."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spec.assessment import Term, total
from spec.change import Change, changed, cheapest
from spec.deployment import Deployment
from spec.release_times import detection_seconds
from spec.services import Service

Terms = Callable[[Deployment], tuple[Term, ...]]


def cheapest_change(deployment: Deployment, terms_of: Terms, target_minutes: float) -> str:
    """What to write, for which services: of all changes together that fit, those that give up least.

    The result is a sentence; it says so where nothing that could be changed is enough.
    """
    late = [name for name in deployment.services if total(terms_of(_alone(deployment, name))) > target_minutes]
    if not late:
        return "Let services move side by side: take `release.after` out where versions understand each other"
    advice = []
    for name in late:
        found = _for_service(deployment, name, terms_of, target_minutes)
        if found is None:
            return f"No setting of services.{name} is enough: make it start faster, or promise more minutes"
        advice.append(", ".join(f"services.{name}.{change}" for change in found))
    return f"The cheapest change that fits: {'; '.join(advice)}"


def _for_service(deployment: Deployment, name: str, terms_of: Terms, target: float) -> tuple[Change, ...] | None:
    alone = _alone(deployment, name)

    def fits(changes: tuple[Change, ...]) -> bool:
        services = {name: changed(alone.services[name], changes)}
        return total(terms_of(alone.model_copy(update={"services": services}))) <= target

    return cheapest(list(_candidates(alone.services[name])), fits)


def _candidates(service: Service) -> Iterator[Change]:
    release = service.release
    if service.health.readiness.interval_seconds > 5:
        yield Change("health.readiness.interval_seconds", 5, 1)
    if service.deregistration_seconds > 20:
        yield Change("deregistration_seconds", 20, 1)
    if service.stop_timeout_seconds > 20:
        yield Change("stop_timeout_seconds", 20, 1)
    if release.keep_old_minutes:
        yield Change("release.keep_old_minutes", 0, 2)
    if release.shifts:
        yield from _tighter_limits(service)
        yield from _shorter_watch(service)


def _tighter_limits(service: Service) -> Iterator[Change]:
    limits = service.release.hooks
    for path, present, least in (
        ("release.hooks.test_traffic_seconds", limits.test_traffic_seconds, 10),
        ("release.hooks.after_traffic_seconds", limits.after_traffic_seconds, 10),
        ("migration.timeout_seconds", service.migration.timeout_seconds if service.migration else 0, 30),
    ):
        for cost, value in enumerate((45, 30, 20, 15, 10), start=2):
            if present > value >= least:
                yield Change(path, value, cost)


def _shorter_watch(service: Service) -> Iterator[Change]:
    release = service.release
    least = -(-detection_seconds(release) // 60)
    if release.strategy == "canary" and release.canary_minutes > least:
        yield Change("release.canary_minutes", least, 3)
    if release.strategy == "linear" and release.linear_percent < 50:
        yield Change("release.linear_percent", 50, 10)
    if release.strategy == "linear" and release.linear_minutes > least:
        yield Change("release.linear_minutes", least, 10)
    if release.strategy in {"canary", "linear"}:
        yield Change("release.strategy", "blue_green", 20)
    if release.bake_minutes is not None and release.bake_minutes > least:
        yield Change("release.bake_minutes", least, 10)
    if release.bake_minutes != 0:
        yield Change("release.bake_minutes", 0, 50)


def _alone(deployment: Deployment, name: str) -> Deployment:
    """The deployment as if it had only this service, waiting for none."""
    service = changed(deployment.services[name], [Change("release.after", (), 0)])
    return deployment.model_copy(update={"services": {name: service}})
