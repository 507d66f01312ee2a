"""The VPC and its subnets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from spec.network import Network as NetworkSettings
from understudy.acknowledgement import acknowledge

PUBLIC: Final = "public"
PRIVATE: Final = "private"
ISOLATED: Final = "isolated"

UNRESTRICTED_ROUTES: Final = tuple(
    f"{pack}-VPCNoUnrestrictedRouteToIGW" for pack in ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")
)


class Network(Construct):
    """A VPC with a public, a private and an isolated subnet in each zone.

    DNS support and hostnames are on. No subnet hands out public addresses: only NAT gateways and a public load balancer
    have one, and they bring it along.
    """

    vpc: ec2.Vpc

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        settings: NetworkSettings,
        availability_zones: Sequence[str],
    ) -> None:
        """`availability_zones` are names; nothing is looked up."""
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Resource",
            vpc_name=name,
            ip_addresses=ec2.IpAddresses.cidr(settings.cidr),
            availability_zones=list(availability_zones),
            nat_gateways=settings.nat_gateways,
            # In this order `spec.rules.network` has checked that they fit.
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name=PUBLIC,
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=settings.subnets.public,
                    map_public_ip_on_launch=False,
                ),
                ec2.SubnetConfiguration(
                    name=PRIVATE,
                    subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS,
                    cidr_mask=settings.subnets.private,
                ),
                ec2.SubnetConfiguration(
                    name=ISOLATED,
                    subnet_type=ec2.SubnetType.PRIVATE_ISOLATED,
                    cidr_mask=settings.subnets.isolated,
                ),
            ],
            # Every VPC comes with a group that lets its members talk to each other and to the world. Nothing here is a
            # member, but what somebody creates by hand would be; only an API call can take its rules away.
            restrict_default_security_group=True,
        )
        acknowledge(
            self,
            {
                "CloudFormation-Validate::W3010": "Zones are named in the spec, so that the template is the same on each "
                "machine and an account whose zones have other names can give its own.",
                **dict.fromkeys(
                    UNRESTRICTED_ROUTES,
                    "Public subnets hold NAT gateways, and a public load balancer where the spec asks for one; without "
                    "this route neither would work. Nothing else gets an address there.",
                ),
            },
        )
