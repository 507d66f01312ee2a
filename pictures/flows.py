"""Who may talk to whom, from security-group rules and CloudFront's origins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pictures.model import Flow
from pictures.templates import Resource, Templates

CDN: Final = "cdn"
LOAD_BALANCER: Final = "load balancer"
INTERNET: Final = "internet"
ENDPOINTS: Final = "endpoints"
EVERYWHERE: Final = "0.0.0.0/0"

GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (LOAD_BALANCER, "SecurityGroups"),
    "AWS::RDS::DBInstance": ("database", "VPCSecurityGroups"),
    "AWS::ElastiCache::ReplicationGroup": ("cache", "SecurityGroupIds"),
    "AWS::AmazonMQ::Broker": ("queue", "SecurityGroups"),
    "AWS::EFS::MountTarget": ("files", "SecurityGroups"),
    "AWS::EC2::VPCEndpoint": (ENDPOINTS, "SecurityGroupIds"),
}
"""What the picture calls a resource, and the property that names its security groups."""

Owners = Mapping[tuple[str, str], str]


def flows(templates: Templates) -> tuple[Flow, ...]:
    """Every connection that the rules allow, in a stable order."""
    owners = _owners(templates)
    found = {*_between_groups(templates, owners), *_to_the_internet(templates, owners), *_from_the_cdn(templates)}
    return tuple(sorted(found, key=lambda flow: (flow.source, flow.target, flow.port)))


def _owners(templates: Templates) -> Owners:
    """What each security group belongs to."""
    owners: dict[tuple[str, str], str] = {}
    for kind, (name, property_name) in GROUPS.items():
        for resource in templates.of(kind):
            groups = templates.targets(resource, resource.properties.get(property_name, []))
            owners |= dict.fromkeys(groups, name)
    for service in templates.of("AWS::ECS::Service"):
        groups = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
        owners |= dict.fromkeys(templates.targets(service, groups), _name(service))
    return owners


def _name(service: Resource) -> str:
    """A service is called as its container."""
    return str(service.properties["LoadBalancers"][0]["ContainerName"])


def _between_groups(templates: Templates, owners: Owners) -> set[Flow]:
    found = set()
    for rule in templates.of("AWS::EC2::SecurityGroupIngress"):
        source = templates.target(rule.stack, rule.properties.get("SourceSecurityGroupId"))
        target = templates.target(rule.stack, rule.properties["GroupId"])
        if source and target and {source, target} <= owners.keys():
            found.add(Flow(owners[source], owners[target], rule.properties["FromPort"]))
    return found


def _to_the_internet(templates: Templates, owners: Owners) -> set[Flow]:
    return {
        Flow(owners[group.key], INTERNET, rule["FromPort"])
        for group in templates.of("AWS::EC2::SecurityGroup")
        for rule in group.properties.get("SecurityGroupEgress", [])
        if rule.get("CidrIp") == EVERYWHERE and group.key in owners
    }


def _from_the_cdn(templates: Templates) -> set[Flow]:
    """CloudFront reaches a load balancer through a VPC origin, and a bucket by its own protocol."""
    return {
        Flow(CDN, LOAD_BALANCER, _port(origin.properties["VpcOriginEndpointConfig"]))
        for origin in templates.of("AWS::CloudFront::VpcOrigin")
    }


def _port(config: Mapping[str, Any]) -> int:
    return int(config["HTTPSPort"] if config["OriginProtocolPolicy"] == "https-only" else config["HTTPPort"])
