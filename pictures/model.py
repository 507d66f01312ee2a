"""What the picture shows, as the templates say it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flow:
    """Who may open a connection to whom, and to which port."""

    source: str
    target: str
    port: int


@dataclass(frozen=True, slots=True)
class Edge:
    """What stands between users and the load balancer."""

    region: str
    domain: str
    record_types: tuple[str, ...]
    http_version: str
    tls: str
    firewall_rules: int
    static_bucket: str
    static_paths: tuple[str, ...]
    """What comes from the bucket; the rest comes from the load balancer."""


@dataclass(frozen=True, slots=True)
class Subnets:
    """Subnets of one kind: zone and CIDR of each."""

    kind: str
    cidrs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Network:
    """The VPC."""

    cidr: str
    zones: tuple[str, ...]
    subnets: tuple[Subnets, ...]
    nat_zones: tuple[str, ...]
    interface_endpoints: tuple[str, ...]
    gateway_endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """An ECS service and what one of its tasks has."""

    name: str
    vcpu: float
    memory_gib: float
    storage_gib: int
    tasks: int
    most_tasks: int
    port: int
    routes: tuple[str, ...]
    """Paths and hosts for which the load balancer forwards to it."""


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """One server of the database."""

    role: str
    instance_class: str


@dataclass(frozen=True, slots=True)
class Database:
    """The database: its servers, the writer first."""

    engine: str
    storage_gib: int
    most_storage_gib: int
    servers: tuple[DatabaseServer, ...]


@dataclass(frozen=True, slots=True)
class Cache:
    """The replication group."""

    engine: str
    node_type: str
    shards: int
    replicas_per_shard: int


@dataclass(frozen=True, slots=True)
class Broker:
    """The message broker."""

    engine: str
    instance_type: str
    nodes: int


@dataclass(frozen=True, slots=True)
class Files:
    """The file system, and the zones in which it can be mounted."""

    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regional:
    """What lies in a region outside of the VPC."""

    buckets: tuple[str, ...]
    registries: int
    keys: int
    secrets: int
    alarms: int
    dashboards: int
    log_groups: int
    topics: int


@dataclass(frozen=True, slots=True)
class StandIn:
    """What waits in another region: as much as it has of what the picture shows in full of the first one."""

    region: str
    tasks: int
    load_balancers: int
    database: tuple[str, ...]
    """Instance class of each server."""
    replicates: str | None
    """Region of the database that it replicates."""
    cache_nodes: int
    broker_nodes: int
    buckets: int
    witness_region: str | None


@dataclass(frozen=True, slots=True)
class Architecture:
    """One environment."""

    name: str
    region: str
    edge: Edge
    load_balancer_scheme: str
    network: Network
    services: tuple[Service, ...]
    database: Database
    cache: Cache
    broker: Broker
    files: Files
    regional: Regional
    edge_regional: Regional
    flows: tuple[Flow, ...]
    stand_in: StandIn | None = None
