"""Groups and rules of applications unlike those in apps/."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from template import ROOT, Template, properties, synthesize

from spec import Deployment, load
from spec.services import Service
from understudy.network import Network
from understudy.security_groups import SecurityGroups

STOREFRONT = load(ROOT / "apps" / "storefront.yaml").for_environment("prod")


def test_N3_a_public_load_balancer_answers_on_80_and_443_alone() -> None:
    """The one case in which anything is open to the internet, by choice of the spec."""
    template = _template(_with_edge(entry="load_balancer"))
    rules = [rule for rule in _ingress(template) if "CidrIp" in rule]
    assert [("0.0.0.0/0", 80), ("0.0.0.0/0", 443)] == sorted((rule["CidrIp"], rule["FromPort"]) for rule in rules)
    assert [] == [rule for rule in _ingress(template) if "SourcePrefixListId" in rule]


def test_N3_the_spec_may_name_cloudfronts_prefix_list() -> None:
    """For a region whose list the table has wrong or not at all."""
    network = STOREFRONT.network.model_copy(update={"cloudfront_prefix_list_id": "pl-0123456789abcdef0"})
    template = _template(STOREFRONT.model_copy(update={"network": network}))
    lists = [rule["SourcePrefixListId"] for rule in _ingress(template) if "SourcePrefixListId" in rule]
    assert ["pl-0123456789abcdef0"] == lists


def test_N3_four_callers_have_a_rule_each() -> None:
    """As many as fit beside CloudFront's list, which counts as 55 of 60, and the rule of the hooks."""
    template = _template(_with_callers(4))
    descriptions = {rule["Description"] for rule in _ingress(template)}
    assert {f"calls of caller{number} to other services" for number in range(4)} <= descriptions


def test_N3_more_callers_than_the_group_has_room_for_share_one_rule() -> None:
    """AWS would refuse the sixty-first rule; the VPC's range stands in, and who calls is still decided by its own group."""
    template = _template(_with_callers(5))
    rules = [rule for rule in _ingress(template) if rule["Description"].startswith("calls of")]
    assert ["10.16.0.0/16"] == [rule.get("CidrIp") for rule in rules]
    outgoing = {rule["Description"] for rule in properties(template, "AWS::EC2::SecurityGroupEgress")}
    assert {f"calls of caller{number} to other services" for number in range(5)} <= outgoing


def test_N3_what_an_application_lacks_has_no_group() -> None:
    """The storefront has neither queue nor files; without interface endpoints there is no group for them."""
    network = STOREFRONT.network.model_copy(update={"interface_endpoints": ()})
    groups: list[SecurityGroups] = []
    _template(STOREFRONT.model_copy(update={"network": network}), groups)
    (group,) = groups
    assert (None, None, None) == (group.queue, group.files, group.endpoints)
    assert group.database is not None
    assert {"database", "cache"} == set(group.rotation)
    assert {"web"} == set(group.services)


def test_N3_who_does_not_depend_on_a_store_does_not_reach_it() -> None:
    """Without dependencies a service has its load balancer, endpoints and the internet; the stores have the functions
    of their rotations, of backups and of recovery alone.
    """
    template = _template(STOREFRONT.model_copy(update={"services": {"web": _web(dependencies=())}}))
    admitted = {(rule["FromPort"], rule["Description"]) for rule in _ingress(template)}
    assert {3000, 443, 8443, 5432, 6379} == {port for port, _ in admitted}
    restores = {(5432, "what the database holds"), (5432, "what a copy of the database holds")}
    recovery = {
        (5432, "who may write"),
        (5432, "the copy for functions of recovery"),
        (5432, "tasks of a drill to its copy of the database"),
    }
    stores = {(5432, "logins of the database"), (6379, "logins of the cache"), *restores, *recovery}
    assert stores == {(port, what) for port, what in admitted if port in {5432, 6379}}


def test_D3_without_a_shift_nothing_is_examined() -> None:
    """A service that is replaced task by task has no hooks, and nobody needs the test listener."""
    release = STOREFRONT.services["web"].release.model_copy(update={"engine": "ecs", "strategy": "rolling"})
    groups: list[SecurityGroups] = []
    template = _template(STOREFRONT.model_copy(update={"services": {"web": _web(release=release)}}), groups)
    assert groups[0].hooks is None
    assert 8443 not in {rule["FromPort"] for rule in _ingress(template)}


def test_D3_tests_of_a_public_load_balancer_come_from_the_nat_gateways() -> None:
    """Its name resolves to public addresses, so a test leaves the VPC; each gateway's address is let in, and no other."""
    deployment = _with_edge(entry="load_balancer")

    def build(stack: Stack) -> None:
        network = Network(
            stack,
            "Network",
            name=deployment.prefix,
            settings=deployment.network,
            availability_zones=deployment.availability_zones,
        )
        SecurityGroups(stack, "SecurityGroups", vpc=network.vpc, deployment=deployment)

    template = synthesize(build)
    addresses = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::EC2::EIP"]
    admitted = [rule["CidrIp"] for rule in _ingress(template) if rule["FromPort"] == 8443 and "CidrIp" in rule]
    expected = [{"Fn::Join": ["", [{"Fn::GetAtt": [name, "PublicIp"]}, "/32"]]} for name in addresses]
    assert expected
    assert expected == admitted


def _with_edge(**changes: object) -> Deployment:
    return STOREFRONT.model_copy(update={"edge": STOREFRONT.edge.model_copy(update=changes)})


def _web(**changes: object) -> Service:
    return STOREFRONT.services["web"].model_copy(update=changes)


def _with_callers(count: int) -> Deployment:
    """`count` services that call the storefront's."""
    web = STOREFRONT.services["web"]
    callers = {f"caller{number}": web.model_copy(update={"dependencies": ("web",)}) for number in range(count)}
    return STOREFRONT.model_copy(update={"services": {"web": web, **callers}})


def _template(deployment: Deployment, groups: list[SecurityGroups] | None = None) -> Template:
    def build(stack: Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["us-west-2a"],
            vpc_cidr_block=deployment.network.cidr,
        )
        made = SecurityGroups(stack, "SecurityGroups", vpc=vpc, deployment=deployment)
        if groups is not None:
            groups.append(made)

    return synthesize(build)


def _ingress(template: Template) -> list[dict[str, Any]]:
    inline = [
        rule
        for group in properties(template, "AWS::EC2::SecurityGroup")
        for rule in group.get("SecurityGroupIngress", [])
    ]
    return inline + properties(template, "AWS::EC2::SecurityGroupIngress")
