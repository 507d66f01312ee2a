"""What an environment is billed for by the hour, whether it has users or not.

Counts, not money: prices differ by region and contract, and change. What users cause (traffic, storage, requests)
comes on top, and so does what is copied from one region to another.
"""

from __future__ import annotations

from spec.deployment import Deployment

BROKERS_PER_CLUSTER = 3


def metered_by_region(deployment: Deployment) -> dict[str, dict[str, float]]:
    """The same in each region that runs something all the time, the active one first: a stand-in has everything that the
    active region has, but fewer tasks. Copies of backups and a witness are billed by what is stored and asked.
    """
    sites = sorted(deployment.sites(), key=lambda site: not site.active)
    return {site.region: metered(site) for site in sites}


def metered(deployment: Deployment) -> dict[str, float]:
    """How many of each thing run all the time in one region, at the least; vCPU and GiB are those of all tasks together."""
    network = deployment.network
    services = deployment.services.values()
    database, cache, queue = deployment.database, deployment.cache, deployment.queue
    return {
        "NAT gateway": network.nat_gateways,
        "interface endpoint": len(network.interface_endpoints) * len(deployment.availability_zones),
        "load balancer": 1,
        "task": sum(service.replicas for service in services),
        "vCPU": sum(service.replicas * service.vcpu for service in services),
        "GiB": sum(service.replicas * service.memory_gib for service in services),
        "database instance": (1 + database.multi_az + database.read_replicas) if database else 0,
        "cache node": cache.shards * (1 + cache.replicas_per_shard) if cache else 0,
        "broker": (BROKERS_PER_CLUSTER if queue.deployment == "cluster" else 1) if queue else 0,
    }
