"""What production needs to be highly available, and what may never be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spec.deployment import Deployment
from spec.problem import Finding

LEAST_REPLICAS: Final = 2
LEAST_ZONES: Final = 2
MOST_ROTATION_DAYS: Final = 30
PROTECTED: Final = ("prod", "staging")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Nothing that stands alone in production, no old secrets; data protected there and in staging."""
    if deployment.environment == "prod":
        yield from _services(deployment)
        yield from _data(deployment)
        yield from _network(deployment)
        yield from _rotation(deployment)
        if not deployment.monitoring.notify:
            yield Finding(
                ("monitoring", "notify"),
                "nobody hears production's alarms",
                "Name an address: [oncall@example.com]",
            )
    if deployment.environment in PROTECTED:
        yield from _protection(deployment)


def _services(deployment: Deployment) -> Iterator[Finding]:
    for name, service in deployment.services.items():
        if service.replicas < LEAST_REPLICAS:
            reason = f"{service.replicas} is below the {LEAST_REPLICAS} that production needs for high availability"
            yield Finding(("services", name, "replicas"), reason, f"{LEAST_REPLICAS} or more")
        for index, schedule in enumerate(service.scaling.schedules if service.scaling else ()):
            if schedule.min_replicas < LEAST_REPLICAS:
                path = ("services", name, "scaling", "schedules", index, "min_replicas")
                reason = (
                    f"{schedule.min_replicas} is below the {LEAST_REPLICAS} that production needs for high availability"
                )
                yield Finding(path, reason, f"{LEAST_REPLICAS} or more")


def _data(deployment: Deployment) -> Iterator[Finding]:
    if deployment.database is not None and not deployment.database.multi_az:
        yield Finding(("database", "multi_az"), "production's database stands in one zone", "true")
    if deployment.cache is not None and deployment.cache.replicas_per_shard == 0:
        reason = "production's cache loses a shard's keys with one node"
        yield Finding(("cache", "replicas_per_shard"), reason, "1 or more")
    if deployment.queue is not None and deployment.queue.deployment != "cluster":
        yield Finding(("queue", "deployment"), "production's queue is one broker in one zone", "cluster")


def _network(deployment: Deployment) -> Iterator[Finding]:
    if 0 < deployment.network.nat_gateways < LEAST_ZONES:
        reason = "production reaches the internet through one zone"
        yield Finding(("network", "nat_gateways"), reason, f"{LEAST_ZONES} or more, best one for each zone")


def _rotation(deployment: Deployment) -> Iterator[Finding]:
    days = deployment.rotation.days
    if days > MOST_ROTATION_DAYS:
        reason = f"production's secrets would be {days} days old; auditors want {MOST_ROTATION_DAYS}"
        yield Finding(("rotation", "days"), reason, f"{MOST_ROTATION_DAYS} or fewer")


def _protection(deployment: Deployment) -> Iterator[Finding]:
    if not deployment.protection.deletion_protection:
        path = ("protection", "deletion_protection")
        yield Finding(path, f"data in {deployment.environment} can be deleted by one call", "true")
    if deployment.protection.on_removal != "keep":
        path = ("protection", "on_removal")
        yield Finding(path, f"data in {deployment.environment} would go with its stack", "keep")
