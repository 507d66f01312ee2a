"""What an environment is billed for by the hour, whether it has users or not.

Counts, not money: prices differ by region and contract, and change. What users cause (traffic, storage, requests)
comes on top.
"""

from __future__ import annotations

from spec.deployment import Deployment

BROKERS_PER_CLUSTER = 3


def metered(deployment: Deployment) -> dict[str, float]:
    """How many of each thing run all the time, at the least; vCPU and GiB are those of all tasks together."""
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
