"""VPCs, subnets, routes, endpoints, flow logs and security groups are there with the template's values."""

from typing import Any

import pytest

from tests.rehearsal.under_test import NETWORK, SUBNETS, VPC, Case, Emulator, Stack, picked


def vpc(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return what a VPC is set to."""
    ec2 = emulator.client("ec2")
    found = ec2.describe_vpcs(VpcIds=[name])["Vpcs"][0]
    hostnames = ec2.describe_vpc_attribute(VpcId=name, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return {**picked(found, "CidrBlock"), "hostnames": hostnames["Value"], "tags": tags}


def group(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a security group's rules, as (protocol, port, peer, description)."""
    found = emulator.client("ec2").describe_security_groups(GroupIds=[name])["SecurityGroups"][0]

    def rules(permissions: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
        return {
            (rule["IpProtocol"], rule.get("FromPort"), peer["CidrIp"], peer.get("Description"))
            for rule in permissions
            for peer in rule["IpRanges"]
        }

    return {"in": rules(found["IpPermissions"]), "out": rules(found["IpPermissionsEgress"])}


def endpoint(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return an endpoint."""
    answer = emulator.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[name])
    found = next(one for one in answer["VpcEndpoints"] if one["State"] != "deleted")
    return {**picked(found, "VpcEndpointType", "ServiceName", "PrivateDnsEnabled"), "subnets": len(found["SubnetIds"])}


def flow_log(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a flow log."""
    found = emulator.client("ec2").describe_flow_logs(FlowLogIds=[name])["FlowLogs"][0]
    return picked(found, "TrafficType", "LogDestinationType", "LogGroupName", "MaxAggregationInterval")


def rule(port: int, description: str) -> dict[str, Any]:
    """Return an inline rule."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "10.0.0.0/16", "Description": description}


CASES = [
    Case(
        type="AWS::EC2::VPC",
        properties={"CidrBlock": "10.1.0.0/16", "EnableDnsHostnames": True, "Tags": [{"Key": "Name", "Value": "a"}]},
        expected={"CidrBlock": "10.1.0.0/16", "hostnames": True, "tags": {"Name": "a"}},
        changes={"EnableDnsHostnames": False, "Tags": [{"Key": "Name", "Value": "b"}]},
        changed={"CidrBlock": "10.1.0.0/16", "hostnames": False, "tags": {"Name": "b"}},
        look=vpc,
    ),
    Case(
        type="AWS::EC2::SecurityGroup",
        others={"Vpc": VPC},
        properties={
            "GroupDescription": "g",
            "VpcId": {"Ref": "Vpc"},
            "SecurityGroupIngress": [rule(443, "from the VPC")],
            "SecurityGroupEgress": [rule(5432, "to the database")],
        },
        expected={
            "in": {("tcp", 443, "10.0.0.0/16", "from the VPC")},
            "out": {("tcp", 5432, "10.0.0.0/16", "to the database")},
        },
        changes={"SecurityGroupIngress": [rule(8443, "other"), rule(443, "from the VPC")]},
        changed={
            "in": {("tcp", 443, "10.0.0.0/16", "from the VPC"), ("tcp", 8443, "10.0.0.0/16", "other")},
            "out": {("tcp", 5432, "10.0.0.0/16", "to the database")},
        },
        look=group,
    ),
    Case(
        type="AWS::EC2::VPCEndpoint",
        others=NETWORK,
        properties={
            "VpcId": {"Ref": "Vpc"},
            "ServiceName": "com.amazonaws.us-west-2.ecr.api",
            "VpcEndpointType": "Interface",
            "PrivateDnsEnabled": True,
            "SubnetIds": SUBNETS,
        },
        expected={
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.us-west-2.ecr.api",
            "PrivateDnsEnabled": True,
            "subnets": 2,
        },
        look=endpoint,
    ),
    Case(
        type="AWS::EC2::FlowLog",
        others={"Vpc": VPC},
        properties={
            "ResourceId": {"Ref": "Vpc"},
            "ResourceType": "VPC",
            "TrafficType": "REJECT",
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": "flow",
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
            "MaxAggregationInterval": 60,
        },
        expected={
            "TrafficType": "REJECT",
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": "flow",
            "MaxAggregationInterval": 60,
        },
        changes={"TrafficType": "ALL"},
        changed={
            "TrafficType": "ALL",
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": "flow",
            "MaxAggregationInterval": 60,
        },
        look=flow_log,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_standalone_rules(emulator: Emulator, stack: Stack) -> None:
    """Rules that stand alone are in both groups, and leave with their resource."""
    resources: dict[str, Any] = {"Vpc": VPC}
    for name in ("Client", "Server"):
        described = {"GroupDescription": name, "VpcId": {"Ref": "Vpc"}, "SecurityGroupEgress": [rule(1, "none")]}
        resources[name] = {"Type": "AWS::EC2::SecurityGroup", "Properties": described}
    ports = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "Description": "cache"}
    ids = {name: {"Fn::GetAtt": [name, "GroupId"]} for name in ("Client", "Server")}
    ingress = {**ports, "GroupId": ids["Server"], "SourceSecurityGroupId": ids["Client"]}
    egress = {**ports, "GroupId": ids["Client"], "DestinationSecurityGroupId": ids["Server"]}
    rules = {
        "In": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": ingress},
        "Out": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": egress},
    }
    stack.deploy({**resources, **rules})
    ec2 = emulator.client("ec2")
    client, server = stack.id("Client"), stack.id("Server")

    def peers(name: str, side: str) -> list[str]:
        found = ec2.describe_security_groups(GroupIds=[name])["SecurityGroups"][0][side]
        return [peer["GroupId"] for one in found for peer in one["UserIdGroupPairs"]]

    assert ([client], [server]) == (peers(server, "IpPermissions"), peers(client, "IpPermissionsEgress"))
    stack.deploy(resources)
    assert ([], []) == (peers(server, "IpPermissions"), peers(client, "IpPermissionsEgress"))


def test_a_whole_network_is_deleted(stack: Stack) -> None:
    """A VPC with gateways, routes and addresses goes in the right order."""
    internet = {"VpcId": {"Ref": "Vpc"}, "InternetGatewayId": {"Ref": "Gateway"}}
    out = {"RouteTableId": {"Ref": "Table"}, "DestinationCidrBlock": "0.0.0.0/0"}
    nat = {"SubnetId": {"Ref": "SubnetA"}, "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]}}
    joined = {"SubnetId": {"Ref": "SubnetA"}, "RouteTableId": {"Ref": "Table"}}
    entry = {"NetworkAclId": {"Ref": "List"}, "RuleNumber": 100, "Protocol": -1, "RuleAction": "allow"}
    entry["CidrBlock"] = "10.0.0.0/16"
    listed = {"SubnetId": {"Ref": "SubnetA"}, "NetworkAclId": {"Ref": "List"}}
    route = {**out, "NatGatewayId": {"Ref": "Nat"}}
    stack.deploy(
        {
            **NETWORK,
            "Gateway": {"Type": "AWS::EC2::InternetGateway"},
            "Attached": {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": internet},
            "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
            "Nat": {"Type": "AWS::EC2::NatGateway", "Properties": nat, "DependsOn": "Attached"},
            "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Route": {"Type": "AWS::EC2::Route", "Properties": route},
            "Joined": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": joined},
            "List": {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Entry": {"Type": "AWS::EC2::NetworkAclEntry", "Properties": entry},
            "Listed": {"Type": "AWS::EC2::SubnetNetworkAclAssociation", "Properties": listed},
        }
    )
    stack.delete()
