"""Endpoints of networks unlike those in apps/."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from template import Template, properties, synthesize

from understudy.endpoints import Endpoints


def test_N2_interfaces_are_made_only_where_they_have_a_group() -> None:
    """Without one nobody could talk to them."""
    assert ["Gateway"] == [endpoint["VpcEndpointType"] for endpoint in properties(_template(), "AWS::EC2::VPCEndpoint")]


def test_N2_a_gateway_is_in_every_private_route_table() -> None:
    """Otherwise a zone's tasks would take the NAT gateway, and pay."""
    (endpoint,) = properties(_template(), "AWS::EC2::VPCEndpoint")
    assert ["rtb-a", "rtb-b"] == endpoint["RouteTableIds"]


def test_N2_dynamodb_reads_and_writes_in_this_account_alone() -> None:
    """It has no layers of images to read from elsewhere."""
    (endpoint,) = properties(_template("dynamodb"), "AWS::EC2::VPCEndpoint")
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert {"StringEquals": {"aws:ResourceAccount": "123456789012"}} == statement["Condition"]


def _template(gateway: str = "s3") -> Template:
    def build(stack: Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["us-west-2a", "us-west-2b"],
            private_subnet_ids=["subnet-a", "subnet-b"],
            private_subnet_route_table_ids=["rtb-a", "rtb-b"],
        )
        Endpoints(stack, "Endpoints", vpc=vpc, gateways=[gateway], interfaces=["kms"], security_group=None)

    return synthesize(build)
