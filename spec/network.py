"""The network of an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spec.model import Cidr, Model

InterfaceEndpoint = Literal[
    "ecr.api",
    "ecr.dkr",
    "elasticfilesystem",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "ssm",
    "ssmmessages",
    "sts",
]

PrefixLength = Annotated[int, Field(ge=16, le=28)]


class SubnetSizes(Model):
    """Prefix length of each kind of subnet; one subnet of each kind per zone. AWS takes five addresses of each."""

    public: PrefixLength = 24
    """Load balancer (if it faces the internet) and NAT gateways."""
    private: PrefixLength = 20
    """Services, load balancer and endpoints; each task takes one address."""
    isolated: PrefixLength = 24
    """Database, cache, queue and file system; no route to the internet."""


class Network(Model):
    """One VPC with DNS support, over several zones, with public, private and isolated subnets in each."""

    cidr: Cidr = "10.0.0.0/16"
    """The VPC's addresses, /16 to /28. No two environments of an application overlap, so that they can be joined."""
    availability_zones: Annotated[tuple[str, ...], Field(max_length=6)] = ()
    """Zones by name, such as us-west-2a. Default: the first `zones` of the region."""
    zones: Annotated[int, Field(ge=1, le=6)] = 3
    """How many zones; ignored where `availability_zones` names them."""
    nat_gateways: Annotated[int, Field(ge=0, le=6)] = 3
    """NAT gateways, one zone each; services reach the internet only through them. Each costs by the hour."""
    subnets: SubnetSizes = SubnetSizes()
    reserved_cidrs: tuple[Cidr, ...] = ()
    """Networks that are taken elsewhere (offices, peers) and that the VPC must not overlap."""
    gateway_endpoints: tuple[Literal["s3", "dynamodb"], ...] = ("s3", "dynamodb")
    """Gateway endpoints; free of charge."""
    interface_endpoints: tuple[InterfaceEndpoint, ...] = (
        "ecr.api",
        "ecr.dkr",
        "kms",
        "logs",
        "monitoring",
        "secretsmanager",
        "ssm",
        "ssmmessages",
        "sts",
    )
    """AWS services reached by a private address in each zone, at a price by the hour. `ssmmessages` carries ECS Exec."""
    flow_log_retention_days: Annotated[int, Field(ge=1)] = 365
    """How long flow logs are kept, in a period that CloudWatch Logs offers."""
    cloudfront_prefix_list_id: Annotated[str, Field(pattern=r"^pl-[0-9a-f]+$")] | None = None
    """The region's prefix list com.amazonaws.global.cloudfront.origin-facing. Default: from a table of regions."""
