"""Load balancers, target groups, listeners and rules are there with the template's values."""

from typing import Any

import pytest

from tests.rehearsal.under_test import NETWORK, SUBNETS, Case, Emulator, Stack, picked

CERTIFICATE = {"Type": "AWS::CertificateManager::Certificate", "Properties": {"DomainName": "x.example.com"}}
BALANCER = {
    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "Properties": {"Scheme": "internal", "Subnets": SUBNETS},
}
TARGETS = {
    "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "Properties": {"Port": 3000, "Protocol": "HTTP", "VpcId": {"Ref": "Vpc"}, "TargetType": "ip"},
}
REFUSED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}
LISTENER = {
    "Type": "AWS::ElasticLoadBalancingV2::Listener",
    "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": 80, "Protocol": "HTTP", "DefaultActions": [REFUSED]},
}


def balancer(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a load balancer with some of its attributes."""
    elb = emulator.client("elbv2")
    found = elb.describe_load_balancers(LoadBalancerArns=[name])["LoadBalancers"][0]
    given = elb.describe_load_balancer_attributes(LoadBalancerArn=name)["Attributes"]
    attributes = {attribute["Key"]: attribute["Value"] for attribute in given}
    names = ("idle_timeout.timeout_seconds", "deletion_protection.enabled")
    return {**picked(found, "Scheme", "Type"), **picked(attributes, *names), "subnets": len(found["AvailabilityZones"])}


def target_group(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a target group with its health check and delay."""
    elb = emulator.client("elbv2")
    found = elb.describe_target_groups(TargetGroupArns=[name])["TargetGroups"][0]
    given = elb.describe_target_group_attributes(TargetGroupArn=name)["Attributes"]
    attributes = {attribute["Key"]: attribute["Value"] for attribute in given}
    names = ("Port", "TargetType", "HealthCheckPath", "HealthCheckIntervalSeconds", "HealthyThresholdCount")
    delay = attributes["deregistration_delay.timeout_seconds"]
    return {**picked(found, *names), "codes": found["Matcher"]["HttpCode"], "delay": delay}


def listener(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a listener."""
    found = emulator.client("elbv2").describe_listeners(ListenerArns=[name])["Listeners"][0]
    default = found["DefaultActions"][0]["Type"]
    return {
        **picked(found, "Port", "Protocol", "SslPolicy"),
        "certificates": len(found.get("Certificates", [])),
        "default": default,
    }


def listener_rule(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a rule."""
    found = emulator.client("elbv2").describe_rules(RuleArns=[name])["Rules"][0]
    conditions = {one["Field"]: one.get("Values") or one["HostHeaderConfig"]["Values"] for one in found["Conditions"]}
    return {"Priority": found["Priority"], "conditions": conditions, "action": found["Actions"][0]["Type"]}


def health(path: str, codes: str) -> dict[str, Any]:
    """Return a target group's health check."""
    return {
        "HealthCheckPath": path,
        "HealthCheckIntervalSeconds": 10,
        "HealthyThresholdCount": 2,
        "Matcher": {"HttpCode": codes},
    }


DELAY = "deregistration_delay.timeout_seconds"
IDLE, PROTECTED = "idle_timeout.timeout_seconds", "deletion_protection.enabled"
CASES = [
    Case(
        type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        others=NETWORK,
        properties={
            "Scheme": "internal",
            "Subnets": SUBNETS,
            "LoadBalancerAttributes": [{"Key": IDLE, "Value": "30"}, {"Key": PROTECTED, "Value": "true"}],
        },
        expected={"Scheme": "internal", "Type": "application", IDLE: "30", PROTECTED: "true", "subnets": 2},
        changes={"LoadBalancerAttributes": [{"Key": IDLE, "Value": "90"}, {"Key": PROTECTED, "Value": "true"}]},
        changed={"Scheme": "internal", "Type": "application", IDLE: "90", PROTECTED: "true", "subnets": 2},
        look=balancer,
    ),
    Case(
        type="AWS::ElasticLoadBalancingV2::TargetGroup",
        others=NETWORK,
        properties={
            **TARGETS["Properties"],  # type: ignore[dict-item]
            **health("/health", "200"),
            "TargetGroupAttributes": [{"Key": DELAY, "Value": "20"}],
        },
        expected={**health("/health", "200"), "Port": 3000, "TargetType": "ip", "codes": "200", "delay": "20"},
        changes={**health("/ready", "200-204"), "TargetGroupAttributes": [{"Key": DELAY, "Value": "25"}]},
        changed={**health("/ready", "200-204"), "Port": 3000, "TargetType": "ip", "codes": "200-204", "delay": "25"},
        look=lambda emulator, name: {
            **(found := target_group(emulator, name)),
            "Matcher": {"HttpCode": found["codes"]},
        },
    ),
    Case(
        type="AWS::ElasticLoadBalancingV2::Listener",
        others={**NETWORK, "Balancer": BALANCER, "Certificate": CERTIFICATE},
        properties={
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "Certificates": [{"CertificateArn": {"Ref": "Certificate"}}],
            "DefaultActions": [REFUSED],
        },
        expected={
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "certificates": 1,
            "default": "fixed-response",
        },
        changes={"SslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
        changed={
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06",
            "certificates": 1,
            "default": "fixed-response",
        },
        look=listener,
    ),
    Case(
        type="AWS::ElasticLoadBalancingV2::ListenerRule",
        others={**NETWORK, "Balancer": BALANCER, "Listener": LISTENER, "Targets": TARGETS},
        properties={
            "ListenerArn": {"Ref": "Listener"},
            "Priority": 10,
            "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example.com"]}}],
            "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
        },
        expected={"Priority": "10", "conditions": {"host-header": ["a.example.com"]}, "action": "forward"},
        changes={
            "Priority": 20,
            "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["b.example.com"]}}],
        },
        changed={"Priority": "20", "conditions": {"host-header": ["b.example.com"]}, "action": "forward"},
        look=listener_rule,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)
