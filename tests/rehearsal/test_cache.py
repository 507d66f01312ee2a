"""Replication groups, users and their groups are there with the template's values."""

from typing import Any

import pytest

from tests.rehearsal.under_test import NETWORK, SUBNETS, Case, Emulator, Stack, picked

SUBNET_GROUP = {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"Description": "d", "SubnetIds": SUBNETS}}
PARAMETERS: dict[str, Any] = {
    "CacheParameterGroupFamily": "redis7",
    "Description": "d",
    "Properties": {"maxmemory-policy": "volatile-lru"},
}
USER: dict[str, Any] = {
    "UserId": "reader",
    "UserName": "reader",
    "Engine": "redis",
    "AccessString": "on ~* +@read",
    "AuthenticationMode": {"Type": "password", "Passwords": ["only-for-this-test-1"]},
}
DEFAULT = {"UserId": "off", "UserName": "default", "Engine": "redis", "AccessString": "off", "NoPasswordRequired": True}
USERS = {
    "Reader": {"Type": "AWS::ElastiCache::User", "Properties": USER},
    "Default": {"Type": "AWS::ElastiCache::User", "Properties": DEFAULT},
}
USER_GROUP = {
    "Type": "AWS::ElastiCache::UserGroup",
    "Properties": {"UserGroupId": "app", "Engine": "redis", "UserIds": [{"Ref": "Default"}, {"Ref": "Reader"}]},
}
GROUP: dict[str, Any] = {
    "ReplicationGroupDescription": "sessions",
    "Engine": "redis",
    "EngineVersion": "7.1",
    "CacheNodeType": "cache.t4g.small",
    "NumNodeGroups": 3,
    "ReplicasPerNodeGroup": 1,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "TransitEncryptionEnabled": True,
    "AtRestEncryptionEnabled": True,
    "SnapshotRetentionLimit": 7,
    "CacheSubnetGroupName": {"Ref": "Subnets"},
    "CacheParameterGroupName": {"Ref": "Parameters"},
    "UserGroupIds": [{"Ref": "Users"}],
    "SecurityGroupIds": [{"Fn::GetAtt": ["Security", "GroupId"]}],
}
OTHERS = {
    **NETWORK,
    **USERS,
    "Users": USER_GROUP,
    "Subnets": SUBNET_GROUP,
    "Parameters": {"Type": "AWS::ElastiCache::ParameterGroup", "Properties": PARAMETERS},
    "Security": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "VpcId": {"Ref": "Vpc"}}},
}


def replication_group(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a group, with what only its clusters tell."""
    cache = emulator.client("elasticache")
    found = cache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    member = cache.describe_cache_clusters(CacheClusterId=found["MemberClusters"][0])["CacheClusters"][0]
    names = ("AutomaticFailover", "MultiAZ", "CacheNodeType", "TransitEncryptionEnabled", "AtRestEncryptionEnabled")
    return {
        **picked(found, *names, "SnapshotRetentionLimit", "UserGroupIds", "ClusterEnabled"),
        **picked(member, "EngineVersion"),
        "nodes": [len(shard["NodeGroupMembers"]) for shard in found["NodeGroups"]],
        "zones": {
            node["PreferredAvailabilityZone"] for shard in found["NodeGroups"] for node in shard["NodeGroupMembers"]
        },
        "groups": len(member["SecurityGroups"]),
    }


def user(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a user."""
    found = emulator.client("elasticache").describe_users(UserId=name)["Users"][0]
    return {**picked(found, "UserName", "AccessString", "Engine"), **found["Authentication"]}


def user_group(emulator: Emulator, name: str) -> list[str]:
    """Return a group's users."""
    users: list[str] = emulator.client("elasticache").describe_user_groups(UserGroupId=name)["UserGroups"][0]["UserIds"]
    return users


def parameters(emulator: Emulator, name: str) -> dict[str, str]:
    """Return what a parameter group sets."""
    found = emulator.client("elasticache").describe_cache_parameters(CacheParameterGroupName=name)["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in found}


EXPECTED = {
    "AutomaticFailover": "enabled",
    "MultiAZ": "enabled",
    "CacheNodeType": "cache.t4g.small",
    "TransitEncryptionEnabled": True,
    "AtRestEncryptionEnabled": True,
    "SnapshotRetentionLimit": 7,
    "UserGroupIds": ["app"],
    "ClusterEnabled": True,
    "EngineVersion": "7.1",
    "nodes": [2, 2, 2],
    "zones": {"us-west-2a", "us-west-2b"},
    "groups": 1,
}
READER = {
    "UserName": "reader",
    "AccessString": "on ~* +@read",
    "Engine": "redis",
    "Type": "password",
    "PasswordCount": 1,
}
CASES = [
    Case(
        type="AWS::ElastiCache::ReplicationGroup",
        others=OTHERS,
        properties=GROUP,
        expected=EXPECTED,
        changes={"CacheNodeType": "cache.r7g.large", "SnapshotRetentionLimit": 3},
        changed={**EXPECTED, "CacheNodeType": "cache.r7g.large", "SnapshotRetentionLimit": 3},
        look=replication_group,
    ),
    Case(
        type="AWS::ElastiCache::ReplicationGroup",
        others=OTHERS,
        properties=GROUP,
        expected=EXPECTED,
        changes={"NumNodeGroups": 2},
        changed={**EXPECTED, "nodes": [2, 2]},
        look=replication_group,
    ),
    Case(
        type="AWS::ElastiCache::User",
        properties=USER,
        expected=READER,
        changes={
            "AuthenticationMode": {"Type": "password", "Passwords": ["only-for-this-test-2", "and-another-one-3"]}
        },
        changed={**READER, "PasswordCount": 2},
        look=user,
    ),
    Case(
        type="AWS::ElastiCache::UserGroup",
        others=USERS,
        properties=USER_GROUP["Properties"],  # type: ignore[arg-type]
        expected=["off", "reader"],
        changes={"UserIds": [{"Ref": "Default"}]},
        changed=["off"],
        look=user_group,
    ),
    Case(
        type="AWS::ElastiCache::ParameterGroup",
        properties=PARAMETERS,
        expected={"maxmemory-policy": "volatile-lru"},
        changes={"Properties": {"maxmemory-policy": "allkeys-lru"}},
        changed={"maxmemory-policy": "allkeys-lru"},
        look=parameters,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)
