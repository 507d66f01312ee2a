"""Reading the template of a services stack."""

from __future__ import annotations

from typing import Any

from template import Properties, Template, properties

DOMAIN = "app.example.com"
TASK = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
ROLE_POLICY = "AWS::IAM::ManagedPolicy"
TRAFFIC = "Custom::ServiceTraffic"
SCALABLE = "AWS::ApplicationAutoScaling::ScalableTarget"


def container(template: Template, name: str) -> Properties:
    """The container of the service `name`."""
    (found,) = [
        definition
        for task in properties(template, TASK)
        for definition in task["ContainerDefinitions"]
        if definition["Name"] == name
    ]
    return found  # type: ignore[no-any-return]


def task(template: Template, name: str) -> Properties:
    """The task definition of the service `name`."""
    (found,) = [one for one in properties(template, TASK) if one["Family"].endswith(f"-{name}")]
    return found


def variables(template: Template, name: str) -> dict[str, Any]:
    """Environment variables of the service `name`."""
    return {variable["Name"]: variable["Value"] for variable in container(template, name)["Environment"]}


def attributes(load_balancer: Properties) -> dict[str, Any]:
    """Attributes of a load balancer by name."""
    return {attribute["Key"]: attribute["Value"] for attribute in load_balancer["LoadBalancerAttributes"]}


def rules(template: Template, *, test: bool = False) -> dict[tuple[str, str], tuple[int, str]]:
    """Priority and blue target group of each rule of a service, by host and path."""
    found = {}
    for rule in traffic_rules(template):
        if (rule["Test"] == "true") == test:
            by_field = {condition["Field"]: condition for condition in rule["Conditions"]}
            (host,) = by_field["host-header"]["HostHeaderConfig"]["Values"]
            paths = by_field.get("path-pattern", {"PathPatternConfig": {"Values": ["*"]}})["PathPatternConfig"][
                "Values"
            ]
            found[host, paths[0]] = (int(rule["Priority"]), rule["BlueArn"]["Ref"])
    return found


def traffic_rules(template: Template) -> list[Properties]:
    """Every listener rule of every service, as the custom resource gets it."""
    return [rule for traffic in properties(template, TRAFFIC) for rule in traffic["Rules"]]


def tracked(template: Template) -> list[dict[str, Any]]:
    """What each policy aims at."""
    found = properties(template, "AWS::ApplicationAutoScaling::ScalingPolicy")
    return [policy["TargetTrackingScalingPolicyConfiguration"] for policy in found]
