"""Whether there is room for the new version's tasks, as far as it can be known cheaply before they are asked for.

Every task on Fargate takes one address of its subnet. Quotas on vCPU and Fargate's own capacity show only when tasks start;
CodeDeploy's install step, ECS's circuit breaker and their limits catch those.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.aws import client


def free_addresses(subnets: Sequence[str]) -> int:
    """Addresses that are free in the subnets, all together."""
    described = client("ec2").describe_subnets(SubnetIds=list(subnets))["Subnets"]
    return sum(subnet.get("AvailableIpAddressCount", 0) for subnet in described)
