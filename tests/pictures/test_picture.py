"""The picture shows what the templates say, all of it, and is fresh."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from typing import Any

import pytest

from pictures.__main__ import PICTURE, SPEC, draw_production
from pictures.picture import draw
from pictures.reading import read
from pictures.style import DARK, LIGHT
from pictures.templates import Templates, synthesize
from spec import load

NAMESPACE = "{http://www.w3.org/2000/svg}"


@cache
def _templates() -> Templates:
    return synthesize(load(SPEC).for_environment("prod"))


@pytest.fixture
def templates() -> Templates:
    """Production of the generator platform, which no test changes."""
    return _templates()


def _svg(templates: Templates) -> str:
    return draw(read(templates, name="generator-platform, production"))


def _texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{NAMESPACE}text")]


def _changed(templates: Templates, kind: str, **properties: Any) -> Templates:
    """A copy in which the first resource of a type has other properties."""
    copy = json.loads(json.dumps(templates.templates))
    # Of task definitions the services', which the picture shows.
    first = next(each for each in templates.of(kind) if not each.stack.endswith("-backup"))
    copy[first.stack]["Resources"][first.logical_id]["Properties"] |= properties
    return Templates(copy, templates.regions, templates.elsewhere)


def test_committed_picture_is_fresh() -> None:
    """What stands in the README is what the templates say today: else run `make picture`."""
    assert PICTURE.read_text(encoding="utf-8") == draw_production()


def test_picture_is_well_formed_and_says_what_it_is(templates: Templates) -> None:
    """Who cannot see it hears its title and description."""
    root = ET.fromstring(_svg(templates))
    assert [f"{NAMESPACE}title", f"{NAMESPACE}desc"] == [child.tag for child in root][:2]
    assert "img" == root.get("role")
    assert "Architecture of generator-platform, production" == root[0].text
    assert "web, api, generator" in str(root[1].text)


def test_every_service_stands_there_with_its_size(templates: Templates) -> None:
    """Names, sizes and counts are those of the task definitions and scalable targets."""
    texts = _texts(_svg(templates))
    # Of a service's tasks; those that look into backups run once and are no service.
    definitions = [each for each in templates.of("AWS::ECS::TaskDefinition") if each.stack.endswith("-services")]
    names = [each.properties["ContainerDefinitions"][0]["Name"] for each in definitions]
    sizes = {
        f"{int(each.properties['Cpu']) / 1024:g} vCPU, {int(each.properties['Memory']) / 1024:g} GiB"
        for each in definitions
    }
    tasks = {
        f"{each.properties['MinCapacity']} tasks, up to {each.properties['MaxCapacity']}"
        for each in templates.of("AWS::ApplicationAutoScaling::ScalableTarget")
    }
    assert len(definitions) == len(templates.of("AWS::ECS::Service")) > 0
    assert [] == [text for text in {*names, *sizes, *tasks} if text not in texts]


def test_every_server_of_the_stores_stands_there(templates: Templates) -> None:
    """Primary, standby and replicas; shards; brokers; the zones in which files are mounted."""
    texts = _texts(_svg(templates))
    replicas = len(templates.of("AWS::RDS::DBInstance")) - 1
    shards = templates.of("AWS::ElastiCache::ReplicationGroup")[0].properties["NumNodeGroups"]
    assert ["primary", "standby"] == [text for text in texts if text in {"primary", "standby"}]
    assert replicas == sum(re.fullmatch(r"replica \d", text) is not None for text in texts)
    assert shards == sum(text.startswith("shard ") for text in texts)
    assert 3 == sum(text.startswith("node ") for text in texts)


def test_R4_what_stands_in_is_drawn_from_its_own_templates(templates: Templates) -> None:
    """Where, with how many tasks, following whom; nothing of it is counted as the active region's."""
    texts = _texts(_svg(templates))
    tasks = sum(
        each.properties["MinCapacity"] for each in templates.beside.of("AWS::ApplicationAutoScaling::ScalableTarget")
    )
    for text in (
        "region us-east-1, stands in",
        "the lease has a witness in us-east-2",
        f"{tasks} tasks or more",
        "replica of us-west-2's",
    ):
        assert text in texts
    assert ["region us-west-2"] == [text for text in texts if text == "region us-west-2"]
    alone = Templates(templates.templates, templates.regions, {})
    assert not [text for text in _texts(_svg(alone)) if "stands in" in text]


def test_every_subnet_and_nat_gateway_stands_there(templates: Templates) -> None:
    """Each CIDR of the VPC and of its subnets, and a box for each NAT gateway."""
    texts = " ".join(_texts(_svg(templates)))
    for subnet in templates.of("AWS::EC2::Subnet"):
        assert subnet.properties["CidrBlock"] in texts
    assert len(templates.of("AWS::EC2::NatGateway")) == texts.count("NAT gateway")


def test_every_arrow_is_a_rule(templates: Templates) -> None:
    """One arrow for each flow, those that all services share drawn once; one each for users and for static files."""
    flows = read(templates, name="").flows
    services = {"web", "api", "generator"}
    shared = {flow.target for flow in flows if flow.target in {"endpoints", "internet"}}
    single = [flow for flow in flows if flow.target not in shared]
    heads = [
        element for element in ET.fromstring(_svg(templates)).iter() if element.get("class", "").startswith("head")
    ]
    assert services == {flow.source for flow in flows} - {"cdn", "load balancer"}
    assert len(single) + len(shared) + 2 == len(heads)


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("AWS::ECS::TaskDefinition", {"Cpu": "8192"}, "8 vCPU, 4 GiB"),
        ("AWS::RDS::DBInstance", {"DBInstanceClass": "db.r8g.large"}, "db.r8g.large, 100 GiB, up to 500"),
        ("AWS::ElastiCache::ReplicationGroup", {"NumNodeGroups": 4}, "shard 4"),
        ("AWS::AmazonMQ::Broker", {"HostInstanceType": "mq.m7g.xlarge"}, "mq.m7g.xlarge"),
        ("AWS::EC2::VPC", {"CidrBlock": "10.9.0.0/16"}, "VPC 10.9.0.0/16"),
    ],
)
def test_picture_follows_the_template(
    templates: Templates, kind: str, properties: dict[str, Any], expected: str
) -> None:
    """What changes in a template changes in the picture, whatever the YAML says."""
    assert expected not in _texts(_svg(templates))
    assert expected in _texts(_svg(_changed(templates, kind, **properties)))


def test_arrow_disappears_with_its_rule(templates: Templates) -> None:
    """A rule that a template does not have cannot be drawn."""
    copy = json.loads(json.dumps(templates.templates))
    flows = read(templates, name="").flows
    for template in copy.values():
        for name in list(template["Resources"]):
            rule = template["Resources"][name]
            if rule["Type"] == "AWS::EC2::SecurityGroupIngress" and rule["Properties"]["FromPort"] == 2049:
                del template["Resources"][name]
    less = read(Templates(copy, templates.regions, templates.elsewhere), name="").flows
    assert [("generator", "files", 2049)] == [(f.source, f.target, f.port) for f in flows if f not in less]


def test_style_is_the_same_in_light_and_dark() -> None:
    """A colour that one of the two lacks would leave a shape black."""
    assert LIGHT.keys() == DARK.keys()
