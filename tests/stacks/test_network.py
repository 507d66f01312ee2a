"""The network of an environment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from ipaddress import IPv4Network
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from aws_cdk import App, Environment
from template import CONTEXT, ROOT, Template, actions, only, properties, resources, statements

from spec import load
from stacks.network import NetworkStack
from stacks.security import SecurityStack
from stacks.settings import StackSettings

Synthesized = Callable[[str, str], dict[str, Template]]

ENVIRONMENTS = [("generator-platform", env) for env in ("dev", "staging", "prod", "preview")]
ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"]


@pytest.fixture(params=ENVIRONMENTS, ids=lambda pair: pair[1])
def network(synthesized: Synthesized, request: pytest.FixtureRequest) -> Template:
    """The network stack of each environment."""
    app, env = request.param
    return synthesized(app, env)["network"]


@pytest.fixture
def production(synthesized: Synthesized) -> Template:
    """The network stack of production."""
    return synthesized("generator-platform", "prod")["network"]


def test_N1_the_vpc_is_10_0_0_0_16_with_dns(production: Template) -> None:
    """The specification's network, with names for what is in it."""
    vpc = only(production, "AWS::EC2::VPC")
    assert ("10.0.0.0/16", True, True) == (vpc["CidrBlock"], vpc["EnableDnsSupport"], vpc["EnableDnsHostnames"])


def test_N1_each_zone_has_a_subnet_of_each_kind(network: Template) -> None:
    """Three zones by name, three kinds: nine subnets."""
    expected = sorted((kind, zone) for kind in ("isolated", "private", "public") for zone in ZONES)
    assert expected == sorted((_kind(subnet), subnet["AvailabilityZone"]) for subnet in _subnets(network))


def test_N1_subnets_have_the_specs_sizes_and_do_not_overlap(network: Template) -> None:
    """/24 public and isolated, /20 private, each address in one of them at most."""
    sizes = {"public": 24, "private": 20, "isolated": 24}
    networks = sorted(IPv4Network(subnet["CidrBlock"]) for subnet in _subnets(network))
    assert [] == [(one, other) for one, other in pairwise(networks) if one.overlaps(other)]
    for subnet in _subnets(network):
        assert sizes[_kind(subnet)] == IPv4Network(subnet["CidrBlock"]).prefixlen


def test_N1_no_subnet_hands_out_public_addresses(network: Template) -> None:
    """What has a public address brings it along."""
    assert {False} == {subnet["MapPublicIpOnLaunch"] for subnet in _subnets(network)}


@pytest.mark.parametrize(("env", "count"), [("prod", 3), ("staging", 1), ("dev", 1), ("preview", 1)])
def test_N1_nat_gateways_per_environment(synthesized: Synthesized, env: str, count: int) -> None:
    """One for each zone in production; one where an outage of it is bearable and the bill matters."""
    assert count == len(resources(synthesized("generator-platform", env)["network"], "AWS::EC2::NatGateway"))


def test_N1_isolated_subnets_have_no_route_out(network: Template) -> None:
    """Neither to the internet gateway nor to a NAT gateway."""
    tables = {
        association["Properties"]["RouteTableId"]["Ref"]
        for name, association in network["Resources"].items()
        if association["Type"] == "AWS::EC2::SubnetRouteTableAssociation" and "isolated" in name
    }
    assert 3 == len(tables)
    assert [] == [route for route in properties(network, "AWS::EC2::Route") if route["RouteTableId"]["Ref"] in tables]


def test_N2_production_has_every_endpoint_of_the_specification(production: Template) -> None:
    """S3 and DynamoDB by gateway; the others by private addresses that answer to the service's own name."""
    gateways = {"s3", "dynamodb"}
    interfaces = {"ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "sts"}
    found = {
        endpoint["ServiceName"].removeprefix("com.amazonaws.us-west-2."): endpoint for endpoint in _all(production)
    }
    assert gateways | interfaces == set(found)
    assert gateways == {name for name, endpoint in found.items() if endpoint["VpcEndpointType"] == "Gateway"}
    for name in interfaces:
        assert found[name]["PrivateDnsEnabled"]
        assert 3 == len(found[name]["SubnetIds"])
        assert 1 == len(found[name]["SecurityGroupIds"])


def test_N2_small_environments_pay_for_no_interface_endpoint(synthesized: Synthesized) -> None:
    """Gateway endpoints are free; the NAT gateway reaches the rest."""
    endpoints = _all(synthesized("generator-platform", "dev")["network"])
    assert ["Gateway", "Gateway"] == [endpoint["VpcEndpointType"] for endpoint in endpoints]


def test_N2_gateway_endpoints_write_into_no_other_account(network: Template) -> None:
    """Objects of others can be read (image layers are), but nothing can be carried there; CloudFormation's bucket of answers
    takes what it asked for at an address that it signed.
    """
    answers = "arn:aws:s3:::cloudformation-custom-resource-response-uswest2/*"
    for endpoint in _all(network):
        if endpoint["VpcEndpointType"] == "Gateway":
            for statement in endpoint["PolicyDocument"]["Statement"]:
                own = statement.get("Condition") == {"StringEquals": {"aws:ResourceAccount": "123456789012"}}
                asked = (["s3:PutObject"], answers) == (actions(statement), statement["Resource"])
                assert own or asked or all(":Get" in action for action in actions(statement))


def test_N2_functions_inside_the_vpc_can_answer_cloudformation(network: Template) -> None:
    """Without this a custom resource would wait an hour for an answer that the gateway does not let through."""
    (gateway,) = [endpoint for endpoint in _all(network) if endpoint["ServiceName"].endswith(".s3")]
    found = [
        actions(statement)
        for statement in gateway["PolicyDocument"]["Statement"]
        if "cloudformation-custom-resource-response-uswest2/*" in str(statement["Resource"])
    ]
    assert [["s3:PutObject"]] == found


def test_N2_the_gateway_lets_through_what_services_may_do_with_objects(synthesized: Synthesized) -> None:
    """A permission of a role that the endpoint's policy lacks would fail at run time, and only from inside the VPC."""
    stacks = synthesized("generator-platform", "prod")
    (gateway,) = [endpoint for endpoint in _all(stacks["network"]) if endpoint["ServiceName"].endswith(".s3")]
    through = {action for statement in gateway["PolicyDocument"]["Statement"] for action in actions(statement)}
    permitted = {action for _, statement in statements(stacks["services"]) for action in actions(statement)}
    assert {"s3:GetObject", "s3:PutObject"} <= permitted
    assert {action for action in permitted if action.startswith("s3:")} <= through


def test_N3_every_rule_is_described(network: Template) -> None:
    """A rule says whom it lets through, and for what."""
    rules = _rules(network)
    assert len(rules) > 10
    assert [] == [rule for _, rule in rules if len(rule.get("Description", "")) < 4]


def test_N3_no_rule_opens_ssh(network: Template) -> None:
    """Session Manager and ECS Exec stand in; no range of ports has 22 in it."""
    tcp = [rule for _, rule in _rules(network) if rule["IpProtocol"] != "icmp"]
    assert [] == [rule for rule in tcp if rule.get("FromPort", 0) <= 22 <= rule.get("ToPort", 65535)]


def test_N3_nothing_is_open_to_the_internet(network: Template) -> None:
    """The one way in from outside is CloudFront's, by its prefix list, on 443."""
    ingress = [rule for direction, rule in _rules(network) if direction == "in"]
    assert [] == [rule for rule in ingress if "CidrIp" in rule or "CidrIpv6" in rule]
    outside = [rule for rule in ingress if "SourcePrefixListId" in rule]
    assert [("pl-82a045eb", 443, 443)] == [
        (rule["SourcePrefixListId"], rule["FromPort"], rule["ToPort"]) for rule in outside
    ]


def test_N3_services_talk_to_what_they_depend_on_and_to_nothing_else(production: Template) -> None:
    """Every rule between two groups, as (from, to, port), and no other."""
    expected = {
        ("load-balancer", "service-web", 3000),
        ("load-balancer", "service-api", 4000),
        ("load-balancer", "service-generator", 8000),
        ("service-web", "load-balancer", 443),
        ("service-api", "load-balancer", 443),
        ("service-web", "cache", 6379),
        ("service-api", "cache", 6379),
        ("service-api", "database", 5432),
        ("service-api", "queue", 5671),
        ("service-generator", "database", 5432),
        ("service-generator", "queue", 5671),
        ("service-generator", "files", 2049),
        ("service-web", "endpoints", 443),
        ("service-api", "endpoints", 443),
        ("service-generator", "endpoints", 443),
        ("hooks", "load-balancer", 8443),
        ("hooks", "database", 5432),
        ("hooks", "cache", 6379),
        ("hooks", "queue", 5671),
        ("hooks", "endpoints", 443),
        ("rotation-database", "database", 5432),
        ("rotation-cache", "cache", 6379),
        ("rotation-queue", "queue", 5671),
        ("rotation-queue", "queue", 443),
        ("rotation-database", "endpoints", 443),
        ("rotation-cache", "endpoints", 443),
        ("rotation-queue", "endpoints", 443),
        ("restores", "database", 5432),
        ("restores", "files", 2049),
        ("restores", "restored", 5432),
        ("restores", "restored", 2049),
        ("restores", "endpoints", 443),
        ("recovery", "database", 5432),
        ("recovery", "endpoints", 443),
        ("recovery", "drilled", 5432),
        ("recovery", "drill", 4000),
        ("recovery", "drill", 8000),
        ("drill", "drilled", 5432),
        ("drill", "endpoints", 443),
    }
    assert expected == _between(production, "AWS::EC2::SecurityGroupIngress", "GroupId", "SourceSecurityGroupId")
    outgoing = _between(production, "AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId", "GroupId")
    assert expected == outgoing


def test_N3_stores_let_nothing_out(production: Template) -> None:
    """Database, cache, queue, files and endpoints answer; they start no connection."""
    for name in ("database", "cache", "queue", "files", "endpoints", "restored"):
        (egress,) = _group(production, name)["SecurityGroupEgress"]
        assert ("255.255.255.255/32", "icmp") == (egress["CidrIp"], egress["IpProtocol"])


def test_N3_services_reach_the_internet_on_443_alone(production: Template) -> None:
    """Through the NAT gateway, for image layers, AWS and third parties."""
    rotations = [f"rotation-{store}" for store in ("database", "cache", "queue")]
    for name in ("service-web", "service-api", "service-generator", "hooks", "restores", *rotations):
        (egress,) = _group(production, name)["SecurityGroupEgress"]
        assert ("0.0.0.0/0", "tcp", 443, 443) == (
            egress["CidrIp"],
            egress["IpProtocol"],
            egress["FromPort"],
            egress["ToPort"],
        )


def test_D3_only_what_examines_releases_reaches_the_test_listener(network: Template) -> None:
    """Port 8443 lets one group in, and nobody from outside."""
    ingress = [rule for direction, rule in _rules(network) if direction == "in" and rule.get("FromPort") == 8443]
    hooks = [
        group for group in properties(network, "AWS::EC2::SecurityGroup") if "examine" in group["GroupDescription"]
    ]
    assert len(hooks) == len(ingress)
    assert [] == [rule for rule in ingress if "SourceSecurityGroupId" not in rule]


@pytest.mark.parametrize(("env", "groups"), [("prod", 1), ("staging", 1), ("dev", 0), ("preview", 0)])
def test_D3_no_group_for_hooks_where_there_are_none(synthesized: Synthesized, env: str, groups: int) -> None:
    """Task by task, nothing is examined from inside."""
    found = properties(synthesized("generator-platform", env)["network"], "AWS::EC2::SecurityGroup")
    assert groups == len([group for group in found if "examine" in group["GroupDescription"]])


def test_N3_the_vpcs_default_group_is_closed(network: Template) -> None:
    """Whatever is created by hand without a group of its own can talk to nobody."""
    assert 1 == len(resources(network, "Custom::VpcRestrictDefaultSG"))


def test_N4_every_connection_is_recorded(network: Template) -> None:
    """Accepted and rejected, in a log group."""
    log = only(network, "AWS::EC2::FlowLog")
    assert ("VPC", "ALL", "cloud-watch-logs") == (log["ResourceType"], log["TrafficType"], log["LogDestinationType"])


@pytest.mark.parametrize(("env", "days"), [("prod", 365), ("staging", 365), ("dev", 30), ("preview", 30)])
def test_N4_flow_logs_are_encrypted_and_end(synthesized: Synthesized, env: str, days: int) -> None:
    """With the key of logs, for the spec's days."""
    groups = properties(synthesized("generator-platform", env)["network"], "AWS::Logs::LogGroup")
    (flows,) = [group for group in groups if "flow-logs" in group["LogGroupName"]]
    assert days == flows["RetentionInDays"]
    assert re.search("KeysLogs.*Arn", str(flows["KmsKeyId"]))


def test_N4_isolated_subnets_refuse_public_subnets_and_the_world(network: Template) -> None:
    """Both ways: first the public ranges are denied, then TCP within the VPC is allowed; the rest is refused."""
    public = sorted(subnet["CidrBlock"] for subnet in _subnets(network) if _kind(subnet) == "public")
    entries = properties(network, "AWS::EC2::NetworkAclEntry")
    for egress in (False, True):
        rules = sorted((entry for entry in entries if entry["Egress"] is egress), key=lambda entry: entry["RuleNumber"])
        assert [("deny", cidr) for cidr in public] == [(rule["RuleAction"], rule["CidrBlock"]) for rule in rules[:-1]]
        last = rules[-1]
        assert ("allow", 6) == (last["RuleAction"], last["Protocol"])
        assert {"Fn::GetAtt": [_id(network, "AWS::EC2::VPC"), "CidrBlock"]} == last["CidrBlock"]
    assert 3 == len(resources(network, "AWS::EC2::SubnetNetworkAclAssociation"))


def test_S7_no_permission_of_the_network_has_a_wildcard_action(network: Template) -> None:
    """Each action of a role or an endpoint stands by its name."""
    allowed = [statement for _, statement in statements(network) if statement["Effect"] == "Allow"]
    assert len(allowed) > 3
    assert [] == [action for statement in allowed for action in actions(statement) if "*" in action]


def test_N1_zones_are_named_and_not_looked_up() -> None:
    """Synthesis asks the account for nothing: two zones by name, no NAT gateway, and no context missing."""
    deployment = load(ROOT / "apps" / "storefront.yaml").for_environment("dev")
    settings = {"availability_zones": ("us-west-2b", "us-west-2d"), "nat_gateways": 0}
    deployment = deployment.model_copy(update={"network": deployment.network.model_copy(update=settings)})
    stack: StackSettings = {
        "env": Environment(account="123456789012", region="us-west-2"),
        "stack_name": "shop",
        "description": "A shop",
        "termination_protection": False,
    }
    app = App(context=CONTEXT, outdir=mkdtemp(prefix="understudy-"), analytics_reporting=False)
    keys = SecurityStack(app, "security", deployment=deployment, **stack).keys
    NetworkStack(app, "network", deployment=deployment, keys=keys, **(stack | {"stack_name": "shop-network"}))
    assembly = app.synth()
    assert "missing" not in json.loads(Path(assembly.directory, "manifest.json").read_text(encoding="utf-8"))
    template = assembly.get_stack_by_name("shop-network").template
    assert ["us-west-2b", "us-west-2d"] * 3 == [subnet["AvailabilityZone"] for subnet in _subnets(template)]
    assert [] == resources(template, "AWS::EC2::NatGateway")


def _subnets(template: Template) -> list[dict[str, Any]]:
    return properties(template, "AWS::EC2::Subnet")


def _kind(subnet: dict[str, Any]) -> str:
    return str(next(tag["Value"] for tag in subnet["Tags"] if tag["Key"] == "aws-cdk:subnet-name"))


def _all(template: Template) -> list[dict[str, Any]]:
    return properties(template, "AWS::EC2::VPCEndpoint")


def _id(template: Template, kind: str) -> str:
    return str(next(name for name, resource in template["Resources"].items() if resource["Type"] == kind))


def _rules(template: Template) -> list[tuple[str, dict[str, Any]]]:
    """Every rule of every group, inline or not, with its direction."""
    groups = properties(template, "AWS::EC2::SecurityGroup")
    rules = [("in", rule) for group in groups for rule in group.get("SecurityGroupIngress", [])]
    rules += [("out", rule) for group in groups for rule in group.get("SecurityGroupEgress", [])]
    rules += [("in", rule) for rule in properties(template, "AWS::EC2::SecurityGroupIngress")]
    rules += [("out", rule) for rule in properties(template, "AWS::EC2::SecurityGroupEgress")]
    return rules


def _group(template: Template, name: str) -> dict[str, Any]:
    described = f"generator-platform-prod: {_DESCRIPTIONS[name]}"
    groups = properties(template, "AWS::EC2::SecurityGroup")
    (found,) = [group for group in groups if group["GroupDescription"] == described]
    return found


_DESCRIPTIONS = {
    "load-balancer": "load balancer",
    "service-web": "tasks of web",
    "service-api": "tasks of api",
    "service-generator": "tasks of generator",
    "hooks": "functions that examine releases",
    "endpoints": "interface endpoints",
    "database": "database",
    "cache": "cache",
    "queue": "queue",
    "files": "files",
    "rotation-database": "function that rotates the logins of the database",
    "rotation-cache": "function that rotates the logins of the cache",
    "rotation-queue": "function that rotates the logins of the queue",
    "restores": "functions and tasks that look into what was restored",
    "restored": "copies that are restored to be tested",
    "recovery": "functions of recovery",
    "drilled": "copy of the database, in a drill",
    "drill": "tasks of a drill",
}


def _between(template: Template, kind: str, target: str, source: str) -> set[tuple[str, str, int]]:
    """Rules of `kind` as (from, to, port), groups by name."""
    names = {
        logical_id: next(name for name, text in _DESCRIPTIONS.items() if described.endswith(f": {text}"))
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::EC2::SecurityGroup"
        for described in [resource["Properties"]["GroupDescription"]]
    }
    found = set()
    for rule in properties(template, kind):
        if source not in rule:
            continue
        assert ("tcp", rule["FromPort"]) == (rule["IpProtocol"], rule["ToPort"])
        found.add((names[rule[source]["Fn::GetAtt"][0]], names[rule[target]["Fn::GetAtt"][0]], rule["FromPort"]))
    return found
