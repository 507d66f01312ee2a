"""Roles, policies and keys are there with the template's values."""

import json
from typing import Any

import pytest

from tests.rehearsal.under_test import Case, Emulator, Stack, picked


def trust(service: str) -> dict[str, Any]:
    """Return who may take a role."""
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def may(action: str) -> dict[str, Any]:
    """Return a policy for one action."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def role(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a role with its policies."""
    iam = emulator.client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "trusts": found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"],
        "may": {one: action(emulator, name, one) for one in inline},
        "managed": [one["PolicyName"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]],
        "boundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
    }


def action(emulator: Emulator, role_name: str, policy_name: str) -> str:
    """Return what an inline policy allows."""
    found = emulator.client("iam").get_role_policy(RoleName=role_name, PolicyName=policy_name)["PolicyDocument"]
    allowed: str = found["Statement"][0]["Action"]
    return allowed


def in_role(emulator: Emulator, name: str) -> str:
    """Return what the standalone policy allows to the role that it is put into."""
    return action(emulator, "holder", name)


def key(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a key."""
    kms = emulator.client("kms")
    metadata = kms.describe_key(KeyId=name)["KeyMetadata"]
    if metadata["KeyState"] == "PendingDeletion":
        return {}
    rotation = kms.get_key_rotation_status(KeyId=name)
    policy = json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])
    return {
        **picked(metadata, "Description"),
        **picked(rotation, "KeyRotationEnabled"),
        "allows": policy["Statement"][0]["Action"],
    }


def alias(emulator: Emulator, name: str) -> bool:
    """Tell whether an alias is there."""
    aliases = emulator.client("kms").list_aliases()["Aliases"]
    return bool(next(one for one in aliases if one["AliasName"] == name).get("TargetKeyId"))


READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
KEY = {"KeyPolicy": may("kms:*"), "Description": "data", "EnableKeyRotation": True, "PendingWindowInDays": 7}
HOLDER = {"RoleName": "holder", "AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}
CASES = [
    Case(
        type="AWS::IAM::Role",
        properties={
            "AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com"),
            "Policies": [
                {"PolicyName": "read", "PolicyDocument": may("s3:GetObject")},
                {"PolicyName": "write", "PolicyDocument": may("s3:PutObject")},
            ],
            "ManagedPolicyArns": [READ_ONLY],
            "PermissionsBoundary": READ_ONLY,
        },
        expected={
            "trusts": "ecs-tasks.amazonaws.com",
            "may": {"read": "s3:GetObject", "write": "s3:PutObject"},
            "managed": ["ReadOnlyAccess"],
            "boundary": READ_ONLY,
        },
        changes={
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "Policies": [{"PolicyName": "read", "PolicyDocument": may("s3:ListBucket")}],
            "ManagedPolicyArns": [],
        },
        changed={
            "trusts": "lambda.amazonaws.com",
            "may": {"read": "s3:ListBucket"},
            "managed": [],
            "boundary": READ_ONLY,
        },
        look=role,
    ),
    Case(
        type="AWS::IAM::Policy",
        others={"Holder": {"Type": "AWS::IAM::Role", "Properties": HOLDER}},
        properties={"PolicyName": "p", "PolicyDocument": may("a:A"), "Roles": [{"Ref": "Holder"}]},
        expected="a:A",
        changes={"PolicyDocument": may("b:B")},
        changed="b:B",
        look=in_role,
    ),
    Case(
        type="AWS::KMS::Key",
        properties=KEY,
        expected={"Description": "data", "KeyRotationEnabled": True, "allows": "kms:*"},
        changes={"KeyPolicy": may("kms:Decrypt"), "EnableKeyRotation": False, "Description": "logs"},
        changed={"Description": "logs", "KeyRotationEnabled": False, "allows": "kms:Decrypt"},
        look=key,
    ),
    Case(
        type="AWS::KMS::Alias",
        others={"Key": {"Type": "AWS::KMS::Key", "Properties": KEY}},
        properties={"AliasName": "alias/rehearsed", "TargetKeyId": {"Ref": "Key"}},
        expected=True,
        look=alias,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)
