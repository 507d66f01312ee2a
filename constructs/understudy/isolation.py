"""A second wall around the isolated subnets."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from understudy.acknowledgement import acknowledge


class Isolation(Construct):
    """A network ACL that lets isolated subnets talk TCP to the VPC's other non-public subnets, and to nobody else.

    Security groups say which service reaches which store. This says what no rule of a group can ever change: no address
    outside the VPC, and nothing in a public subnet, reaches a store. It names ranges and not ports, because an ACL is
    stateless and would need every ephemeral port open in return.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        acl = ec2.CfnNetworkAcl(self, "Resource", vpc_id=vpc.vpc_id)
        for index, subnet in enumerate(vpc.isolated_subnets):
            ec2.CfnSubnetNetworkAclAssociation(
                self, f"Subnet{index}", network_acl_id=acl.attr_id, subnet_id=subnet.subnet_id
            )
        public = [subnet.ipv4_cidr_block for subnet in vpc.public_subnets]
        self._entries(acl, public, vpc.vpc_cidr_block)
        acknowledge(
            self,
            {
                "AwsSolutions-VPC3": "Beside the security groups, not instead of them: three lines that keep the "
                "internet and the public subnets from the data, whatever a security group says."
            },
        )

    def _entries(self, acl: ec2.CfnNetworkAcl, denied: Sequence[str], allowed: str) -> None:
        """Rules are read by number; the first that fits decides. Who fits none is refused."""
        for egress in (False, True):
            direction = "Out" if egress else "In"
            for index, cidr in enumerate(denied):
                ec2.CfnNetworkAclEntry(
                    self,
                    f"Deny{direction}{index}",
                    network_acl_id=acl.attr_id,
                    egress=egress,
                    rule_number=100 + index,
                    rule_action="deny",
                    protocol=-1,
                    cidr_block=cidr,
                )
            ec2.CfnNetworkAclEntry(
                self,
                f"Allow{direction}",
                network_acl_id=acl.attr_id,
                egress=egress,
                rule_number=200,
                rule_action="allow",
                protocol=6,
                port_range=ec2.CfnNetworkAclEntry.PortRangeProperty(from_=0, to=65535),
                cidr_block=allowed,
            )
