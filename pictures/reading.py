"""From templates to what the picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pictures.flows import flows
from pictures.model import (
    Architecture,
    Broker,
    Cache,
    Database,
    DatabaseServer,
    Edge,
    Files,
    Network,
    Regional,
    Service,
    Subnets,
)
from pictures.standing_in import broker_nodes, read_stand_in
from pictures.templates import Resource, Templates

FARGATE_STORAGE_GIB: Final = 20
"""What a task has if its definition says nothing (ECS Developer Guide, Fargate task ephemeral storage)."""
CPU_UNITS: Final = 1024
MIB: Final = 1024


def read(templates: Templates, *, name: str) -> Architecture:
    """The architecture of the environment called `name`."""
    network = _network(templates)
    load_balancer = _only(templates, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    edge = _edge(templates)
    return Architecture(
        name=name,
        region=templates.region_of(load_balancer),
        edge=edge,
        load_balancer_scheme=load_balancer.properties["Scheme"],
        network=network,
        services=tuple(_service(templates, service) for service in templates.of("AWS::ECS::Service")),
        database=_database(templates),
        cache=_cache(_only(templates, "AWS::ElastiCache::ReplicationGroup").properties),
        broker=_broker(_only(templates, "AWS::AmazonMQ::Broker").properties),
        files=_files(templates),
        regional=_regional(templates, templates.region_of(load_balancer)),
        edge_regional=_regional(templates, edge.region),
        flows=flows(templates),
        stand_in=read_stand_in(templates.beside) if templates.elsewhere else None,
    )


def _only(templates: Templates, kind: str) -> Resource:
    (resource,) = templates.of(kind)
    return resource


def _edge(templates: Templates) -> Edge:
    distribution = _only(templates, "AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    (domain,) = config["Aliases"]
    (static,) = [origin for origin in config["Origins"] if "S3OriginConfig" in origin]
    static_bucket = templates.target(distribution.stack, static["DomainName"])
    behaviours = config.get("CacheBehaviors", [])
    records = [each.properties for each in templates.of("AWS::Route53::RecordSet")]
    return Edge(
        region=templates.region_of(distribution),
        domain=domain,
        record_types=tuple(sorted(each["Type"] for each in records if each["Name"] == domain)),
        http_version=config["HttpVersion"],
        tls=config["ViewerCertificate"]["MinimumProtocolVersion"],
        firewall_rules=len(_only(templates, "AWS::WAFv2::WebACL").properties["Rules"]),
        static_bucket=next(each.name for each in templates.of("AWS::S3::Bucket") if each.key == static_bucket).lower(),
        static_paths=tuple(each["PathPattern"] for each in behaviours if each["TargetOriginId"] == static["Id"]),
    )


def _network(templates: Templates) -> Network:
    subnets = {each.key: each.properties for each in templates.of("AWS::EC2::Subnet")}
    kinds = _kinds_of_subnets(templates)
    endpoints = [each.properties for each in templates.of("AWS::EC2::VPCEndpoint")]

    def of_kind(kind: str) -> Subnets:
        members = [subnets[key] for key in subnets if kinds.get(key, "isolated") == kind]
        return Subnets(kind, tuple(sorted((each["AvailabilityZone"], each["CidrBlock"]) for each in members)))

    nat_subnets = [
        templates.target(each.stack, each.properties["SubnetId"]) for each in templates.of("AWS::EC2::NatGateway")
    ]
    return Network(
        cidr=_only(templates, "AWS::EC2::VPC").properties["CidrBlock"],
        zones=tuple(sorted({each["AvailabilityZone"] for each in subnets.values()})),
        subnets=tuple(of_kind(kind) for kind in ("public", "private", "isolated")),
        nat_zones=tuple(sorted(subnets[key]["AvailabilityZone"] for key in nat_subnets if key)),
        interface_endpoints=_endpoint_names(endpoints, "Interface"),
        gateway_endpoints=_endpoint_names(endpoints, "Gateway"),
    )


def _kinds_of_subnets(templates: Templates) -> dict[tuple[str, str], str]:
    """A subnet is what its route table's way out makes it; without one it is isolated."""
    kind_of_table: dict[tuple[str, str] | None, str] = {}
    for route in templates.of("AWS::EC2::Route"):
        table = templates.target(route.stack, route.properties["RouteTableId"])
        kind_of_table[table] = "public" if "GatewayId" in route.properties else "private"
    kinds = {}
    for association in templates.of("AWS::EC2::SubnetRouteTableAssociation"):
        subnet = templates.target(association.stack, association.properties["SubnetId"])
        table = templates.target(association.stack, association.properties["RouteTableId"])
        if subnet and table in kind_of_table:
            kinds[subnet] = kind_of_table[table]
    return kinds


def _endpoint_names(endpoints: list[Mapping[str, Any]], kind: str) -> tuple[str, ...]:
    """`ecr.api` of `com.amazonaws.us-west-2.ecr.api`; a gateway's name may be a join with the region in the middle."""
    names = []
    for endpoint in endpoints:
        if endpoint["VpcEndpointType"] == kind:
            name = endpoint["ServiceName"]
            text = (
                name
                if isinstance(name, str)
                else "".join(part if isinstance(part, str) else "*" for part in name["Fn::Join"][1])
            )
            names.append(text.split(".", 3)[3])
    return tuple(sorted(names))


def _service(templates: Templates, service: Resource) -> Service:
    (definition,) = [
        each.properties
        for each in templates.of("AWS::ECS::TaskDefinition")
        # A service of CodeDeploy names its task definition by family.
        if service.properties["TaskDefinition"] == each.properties["Family"]
        or each.key == templates.target(service.stack, service.properties["TaskDefinition"])
    ]
    container = definition["ContainerDefinitions"][0]
    scaling = _scaling(templates, service)
    least = scaling.get("MinCapacity", service.properties.get("DesiredCount", 1))
    return Service(
        name=container["Name"],
        vcpu=int(definition["Cpu"]) / CPU_UNITS,
        memory_gib=int(definition["Memory"]) / MIB,
        storage_gib=definition.get("EphemeralStorage", {}).get("SizeInGiB", FARGATE_STORAGE_GIB),
        tasks=least,
        most_tasks=scaling.get("MaxCapacity", least),
        port=container["PortMappings"][0]["ContainerPort"],
        routes=_routes(templates, service),
    )


def _scaling(templates: Templates, service: Resource) -> Mapping[str, Any]:
    name = f"/{service.properties['ServiceName']}"
    for target in templates.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        if target.stack == service.stack and target.properties["ResourceId"].endswith(name):
            return target.properties
    return {}


def _routes(templates: Templates, service: Resource) -> tuple[str, ...]:
    """The path of each listener rule that forwards to the service, or its host if it looks at no path."""
    groups = [
        templates.target(service.stack, each["TargetGroupArn"]) for each in service.properties.get("LoadBalancers", [])
    ]
    routes = []
    for traffic in templates.of("Custom::ServiceTraffic"):
        for rule in traffic.properties["Rules"]:
            if rule["Test"] == "true" or templates.target(traffic.stack, rule["BlueArn"]) not in groups:
                continue
            by_field = {condition["Field"]: condition for condition in rule["Conditions"]}
            if "path-pattern" in by_field:
                routes += by_field["path-pattern"]["PathPatternConfig"]["Values"]
            else:
                routes += by_field["host-header"]["HostHeaderConfig"]["Values"]
    return tuple(routes)


def _database(templates: Templates) -> Database:
    instances = templates.of("AWS::RDS::DBInstance")
    (writer,) = [each.properties for each in instances if "SourceDBInstanceIdentifier" not in each.properties]
    servers = [DatabaseServer("primary", writer["DBInstanceClass"])]
    if writer.get("MultiAZ"):
        servers.append(DatabaseServer("standby", writer["DBInstanceClass"]))
    replicas = [each.properties for each in instances if "SourceDBInstanceIdentifier" in each.properties]
    servers += [DatabaseServer(f"replica {n}", each["DBInstanceClass"]) for n, each in enumerate(replicas, start=1)]
    return Database(
        engine=f"PostgreSQL {writer['EngineVersion']}",
        storage_gib=int(writer["AllocatedStorage"]),
        most_storage_gib=int(writer.get("MaxAllocatedStorage", writer["AllocatedStorage"])),
        servers=tuple(servers),
    )


def _cache(group: Mapping[str, Any]) -> Cache:
    return Cache(
        engine=f"{group['Engine'].capitalize()} {group['EngineVersion']}",
        node_type=group["CacheNodeType"],
        shards=group["NumNodeGroups"],
        replicas_per_shard=group["ReplicasPerNodeGroup"],
    )


def _broker(broker: Mapping[str, Any]) -> Broker:
    return Broker(
        engine=f"RabbitMQ {broker['EngineVersion']}",
        instance_type=broker["HostInstanceType"],
        nodes=broker_nodes(broker),
    )


def _files(templates: Templates) -> Files:
    zones = {each.key: each.properties["AvailabilityZone"] for each in templates.of("AWS::EC2::Subnet")}
    mounts = templates.of("AWS::EFS::MountTarget")
    subnets = [templates.target(each.stack, each.properties["SubnetId"]) for each in mounts]
    return Files(tuple(sorted(zones[subnet] for subnet in subnets if subnet)))


def _regional(templates: Templates, region: str) -> Regional:
    def of(kind: str) -> list[Resource]:
        return [each for each in templates.of(kind) if templates.region_of(each) == region]

    return Regional(
        buckets=tuple(each.name.lower() for each in of("AWS::S3::Bucket")),
        registries=len(of("AWS::ECR::Repository")),
        keys=len(of("AWS::KMS::Key")),
        secrets=len(of("AWS::SecretsManager::Secret")),
        alarms=len(of("AWS::CloudWatch::Alarm")) + len(of("AWS::CloudWatch::CompositeAlarm")),
        dashboards=len(of("AWS::CloudWatch::Dashboard")),
        log_groups=len(of("AWS::Logs::LogGroup")),
        topics=len(of("AWS::SNS::Topic")),
    )
