"""Networks that AWS would refuse, or that would run out of addresses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from spec.deployment import Deployment
from spec.problem import Finding
from spec.tables.regions import REGIONS

RESERVED_PER_SUBNET: Final = 5
"""Addresses that AWS keeps in each subnet (Amazon VPC User Guide, subnet sizing)."""

LOAD_BALANCER_PER_SUBNET: Final = 8
"""Free addresses that a load balancer needs in each subnet (ELB User Guide, subnets for your load balancer)."""

TASKS_DURING_RELEASE: Final = 2
"""Old and new version run side by side."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Zones, the way out, and sizes of networks."""
    yield from _zones(deployment)
    yield from _egress(deployment)
    yield from sizes(deployment)


def _zones(deployment: Deployment) -> Iterator[Finding]:
    network, letters = deployment.network, REGIONS[deployment.region].zones
    offered = [deployment.region + letter for letter in letters]
    for index, zone in enumerate(network.availability_zones):
        path = ("network", "availability_zones", index)
        if zone not in offered:
            yield Finding(path, f"{zone!r} is not a zone of {deployment.region}", f"Zones there: {', '.join(offered)}")
        elif zone in network.availability_zones[:index]:
            yield Finding(path, f"{zone!r} is named twice", "Name each zone once")
    if not network.availability_zones and network.zones > len(letters):
        remedy = f"{len(letters)} or fewer, or another region"
        yield Finding(
            ("network", "zones"), f"{deployment.region} has {len(letters)} zones, not {network.zones}", remedy
        )
    if len(deployment.availability_zones) < 2:
        where = "availability_zones" if network.availability_zones else "zones"
        reason = "one zone is not enough: load balancer and database need subnets in two (ELB and RDS User Guides)"
        yield Finding(("network", where), reason, "Give two zones or more; three is usual")


def _egress(deployment: Deployment) -> Iterator[Finding]:
    network = deployment.network
    zones = len(deployment.availability_zones)
    if network.nat_gateways > zones:
        reason = f"{network.nat_gateways} NAT gateways for {zones} zones"
        yield Finding(("network", "nat_gateways"), reason, f"{zones} or fewer", (("network", "zones"),))
    needed = {"ecr.api", "ecr.dkr", "logs", "secretsmanager"} - set(network.interface_endpoints)
    if network.nat_gateways == 0 and (needed or "s3" not in network.gateway_endpoints):
        missing = ", ".join(sorted(needed | ({"s3"} - set(network.gateway_endpoints))))
        reason = "without a NAT gateway no task could start: it reaches neither its image nor its logs and secrets"
        yield Finding(("network", "nat_gateways"), reason, f"1 or more, or the endpoints {missing}")


def sizes(deployment: Deployment) -> Iterator[Finding]:
    """Addresses of the VPC and of the subnets that tasks are in."""
    vpc = IPv4Network(deployment.network.cidr)
    if not 16 <= vpc.prefixlen <= 28:
        yield Finding(("network", "cidr"), f"{vpc} is not between /16 and /28", "For example: 10.0.0.0/16")
        return
    for index, reserved in enumerate(deployment.network.reserved_cidrs):
        if vpc.overlaps(IPv4Network(reserved)):
            reason = f"{reserved} overlaps the environment's own network {vpc}"
            yield Finding(
                ("network", "reserved_cidrs", index),
                reason,
                "Choose another network.cidr",
                (("network", "cidr"),),
            )
    needed = _allocated(deployment)
    if needed > vpc.num_addresses:
        reason = f"{vpc} has {vpc.num_addresses} addresses; the subnets of {len(deployment.availability_zones)} zones take {needed}"
        yield Finding(
            ("network", "cidr"),
            reason,
            "Take a larger network, or smaller `network.subnets`",
            (("network", "subnets"),),
        )
    yield from _room_for_tasks(deployment)


def _allocated(deployment: Deployment) -> int:
    """Addresses up to the end of the last subnet: each starts at a multiple of its own size, in this order."""
    subnets, end = deployment.network.subnets, 0
    for prefix_length in (subnets.public, subnets.private, subnets.isolated):
        size = 2 ** (32 - prefix_length)
        for _ in deployment.availability_zones:
            end = -(-end // size) * size + size
    return end


def _room_for_tasks(deployment: Deployment) -> Iterator[Finding]:
    size = 2 ** (32 - deployment.network.subnets.private)
    overhead = RESERVED_PER_SUBNET + LOAD_BALANCER_PER_SUBNET + len(deployment.network.interface_endpoints)
    tasks = TASKS_DURING_RELEASE * sum(
        service.scaling.max_replicas if service.scaling else service.replicas
        for service in deployment.services.values()
    )
    zones = len(deployment.availability_zones)
    needed = -(-tasks // zones) + overhead
    if needed > size:
        prefix_length = deployment.network.subnets.private
        reason = f"/{prefix_length} has {size} addresses; {tasks} tasks during a release in {zones} zones and {overhead} more need {needed}"
        yield Finding(
            ("network", "subnets", "private"),
            reason,
            f"/{32 - (needed - 1).bit_length()} or larger",
            (("services",),),
        )
