"""VPC, subnets, routes, endpoints, flow logs."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type


def _tags(resource_type: str) -> dict[str, str]:
    """Return EC2's way to tag what is being created."""
    return {"TagSpecifications": f"p.Tags && [{{ResourceType: '{resource_type}', Tags: p.Tags}}]"}


RETAG = Part("p.Tags", Call("create_tags", {"Resources": "[id]", "Tags": "item"}))


def _switch(property_name: str, operation: str, target: str) -> Part:
    """Return a part for a property that EC2 changes by a call of its own, as `{Value: true}`."""
    value = {property_name: "{Value: item}", target: "id"}
    return Part(f"p.{property_name}", Call(operation, value))


KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::EC2::VPC",
            service="ec2",
            create_calls=(Call("create_vpc", _tags("vpc"), fitted=True, without=("Tags",)),),
            id="made.Vpc.VpcId",
            parts=(
                _switch("EnableDnsSupport", "modify_vpc_attribute", "VpcId"),
                _switch("EnableDnsHostnames", "modify_vpc_attribute", "VpcId"),
                RETAG,
            ),
            delete_calls=(Call("delete_vpc", {"VpcId": "id"}),),
            read=Call(
                "describe_security_groups",
                {"Filters": "[{Name: 'vpc-id', Values: [id]}, {Name: 'group-name', Values: ['default']}]"},
            ),
            attributes={
                "VpcId": "id",
                "CidrBlock": "p.CidrBlock",
                "CidrBlockAssociations": "made.Vpc.CidrBlockAssociationSet[].AssociationId",
                "DefaultSecurityGroup": "seen.SecurityGroups[0].GroupId",
            },
        ),
        Recipe(
            type="AWS::EC2::Subnet",
            service="ec2",
            create_calls=(Call("create_subnet", _tags("subnet"), fitted=True, without=("Tags",)),),
            id="made.Subnet.SubnetId",
            parts=(_switch("MapPublicIpOnLaunch", "modify_subnet_attribute", "SubnetId"), RETAG),
            delete_calls=(Call("delete_subnet", {"SubnetId": "id"}),),
            read=Call("describe_subnets", {"SubnetIds": "[id]"}),
            attributes={"SubnetId": "id", "AvailabilityZone": "seen.Subnets[0].AvailabilityZone"},
        ),
        Recipe(
            type="AWS::EC2::InternetGateway",
            service="ec2",
            create_calls=(Call("create_internet_gateway", _tags("internet-gateway")),),
            id="made.InternetGateway.InternetGatewayId",
            parts=(RETAG,),
            delete_calls=(Call("delete_internet_gateway", {"InternetGatewayId": "id"}),),
            attributes={"InternetGatewayId": "id"},
        ),
        Recipe(
            type="AWS::EC2::VPCGatewayAttachment",
            service="ec2",
            create_calls=(Call("attach_internet_gateway", fitted=True, without=("VpnGatewayId",)),),
            id="join('|', ['IGW', p.VpcId])",
            delete_calls=(
                Call(
                    "detach_internet_gateway",
                    {"InternetGatewayId": "p.InternetGatewayId", "VpcId": "p.VpcId"},
                ),
            ),
        ),
        Recipe(
            type="AWS::EC2::RouteTable",
            service="ec2",
            create_calls=(Call("create_route_table", {"VpcId": "p.VpcId", **_tags("route-table")}),),
            id="made.RouteTable.RouteTableId",
            parts=(RETAG,),
            delete_calls=(Call("delete_route_table", {"RouteTableId": "id"}),),
            attributes={"RouteTableId": "id"},
        ),
        Recipe(
            type="AWS::EC2::Route",
            service="ec2",
            create_calls=(Call("create_route", fitted=True),),
            id="join('|', [p.RouteTableId, p.DestinationCidrBlock || p.DestinationIpv6CidrBlock || 'prefix'])",
            update_calls=(Call("replace_route", fitted=True),),
            create_only=("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock"),
            delete_calls=(
                Call(
                    "delete_route",
                    {
                        "RouteTableId": "p.RouteTableId",
                        "DestinationCidrBlock": "p.DestinationCidrBlock",
                        "DestinationIpv6CidrBlock": "p.DestinationIpv6CidrBlock",
                    },
                ),
            ),
        ),
        Recipe(
            type="AWS::EC2::SubnetRouteTableAssociation",
            service="ec2",
            create_calls=(Call("associate_route_table", fitted=True),),
            id="made.AssociationId",
            delete_calls=(Call("disassociate_route_table", {"AssociationId": "id"}),),
        ),
        Recipe(
            type="AWS::EC2::EIP",
            service="ec2",
            create_calls=(Call("allocate_address", _tags("elastic-ip"), fitted=True, without=("Tags",)),),
            id="made.PublicIp",
            delete_calls=(Call("release_address", {"AllocationId": "made.AllocationId"}),),
        ),
        Recipe(
            type="AWS::EC2::NatGateway",
            service="ec2",
            create_calls=(Call("create_nat_gateway", _tags("natgateway"), fitted=True, without=("Tags",)),),
            id="made.NatGateway.NatGatewayId",
            parts=(RETAG,),
            delete_calls=(Call("delete_nat_gateway", {"NatGatewayId": "id"}),),
            attributes={"NatGatewayId": "id"},
        ),
        Recipe(
            type="AWS::EC2::VPCEndpoint",
            service="ec2",
            create_calls=(Call("create_vpc_endpoint", _tags("vpc-endpoint"), fitted=True, without=("Tags",)),),
            id="made.VpcEndpoint.VpcEndpointId",
            parts=(RETAG,),
            delete_calls=(Call("delete_vpc_endpoints", {"VpcEndpointIds": "[id]"}),),
            attributes={"Id": "id"},
        ),
        Recipe(
            type="AWS::EC2::FlowLog",
            service="ec2",
            create_calls=(
                Call(
                    "create_flow_logs",
                    {"ResourceIds": "[p.ResourceId]", **_tags("vpc-flow-log")},
                    fitted=True,
                    without=("Tags", "ResourceId"),
                ),
            ),
            id="made.FlowLogIds[0]",
            parts=(RETAG,),
            delete_calls=(Call("delete_flow_logs", {"FlowLogIds": "[id]"}),),
            attributes={"Id": "id"},
        ),
        Recipe(
            type="AWS::EC2::NetworkAcl",
            service="ec2",
            create_calls=(Call("create_network_acl", _tags("network-acl"), fitted=True, without=("Tags",)),),
            id="made.NetworkAcl.NetworkAclId",
            parts=(RETAG,),
            delete_calls=(Call("delete_network_acl", {"NetworkAclId": "id"}),),
            attributes={"Id": "id"},
        ),
        Recipe(
            type="AWS::EC2::NetworkAclEntry",
            service="ec2",
            create_calls=(Call("create_network_acl_entry", {"Egress": "p.Egress || `false`"}, fitted=True),),
            id="join('|', [p.NetworkAclId, to_string(p.RuleNumber)])",
            update_calls=(Call("replace_network_acl_entry", {"Egress": "p.Egress || `false`"}, fitted=True),),
            create_only=("NetworkAclId", "RuleNumber", "Egress"),
            delete_calls=(
                Call(
                    "delete_network_acl_entry",
                    {
                        "NetworkAclId": "p.NetworkAclId",
                        "RuleNumber": "p.RuleNumber",
                        "Egress": "p.Egress || `false`",
                    },
                ),
            ),
        ),
        Recipe(
            type="AWS::EC2::SubnetNetworkAclAssociation",
            service="ec2",
            create_calls=(
                Call(
                    "replace_network_acl_association",
                    {
                        "NetworkAclId": "p.NetworkAclId",
                        "AssociationId": (
                            "where(seen.NetworkAcls[].Associations[], 'SubnetId', p.SubnetId)[0]"
                            ".NetworkAclAssociationId"
                        ),
                    },
                    reads=Call(
                        "describe_network_acls",
                        {"Filters": "[{Name: 'association.subnet-id', Values: [p.SubnetId]}]"},
                    ),
                ),
            ),
            id="made.NewAssociationId",
            # Back to the VPC's own list, which has to be found first; else the list could not be deleted.
            delete_calls=(
                Call(
                    "replace_network_acl_association",
                    {"AssociationId": "id", "NetworkAclId": "seen.NetworkAcls[0].NetworkAclId"},
                    reads=Call(
                        "describe_network_acls",
                        {
                            "Filters": (
                                "[{Name: 'default', Values: ['true']},"
                                " {Name: 'vpc-id', Values: [seen.NetworkAcls[0].VpcId]}]"
                            )
                        },
                        reads=Call("describe_network_acls", {"NetworkAclIds": "[p.NetworkAclId]"}),
                    ),
                ),
            ),
            attributes={"AssociationId": "id"},
        ),
    )
}
