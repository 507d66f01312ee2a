"""Buckets and file systems are there with the template's values."""

import json
from typing import Any

import pytest

from tests.rehearsal.under_test import NETWORK, Case, Emulator, Stack, picked

KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}}
BUCKET: dict[str, Any] = {
    "VersioningConfiguration": {"Status": "Enabled"},
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "Key"}},
                "BucketKeyEnabled": True,
            }
        ]
    },
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "LifecycleConfiguration": {
        "Rules": [
            {
                "Id": "cold",
                "Status": "Enabled",
                "Prefix": "logs/",
                "ExpirationInDays": 400,
                "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            }
        ]
    },
}


def bucket(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a bucket's settings."""
    s3 = emulator.client("s3")
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    return {
        "versioning": s3.get_bucket_versioning(Bucket=name)["Status"],
        "encryption": encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "blocked": set(blocked.values()),
        "rules": lifecycle(emulator, name),
    }


def lifecycle(emulator: Emulator, name: str) -> list[tuple[Any, ...]]:
    """Return a bucket's lifecycle rules: ID, expiry, transition and what becomes of old versions, in days."""
    try:
        rules = emulator.client("s3").get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    except emulator.client("s3").exceptions.ClientError:
        return []
    return [
        (
            rule["ID"],
            rule["Expiration"]["Days"],
            rule["Transitions"][0]["Days"],
            rule["NoncurrentVersionExpiration"]["NoncurrentDays"],
        )
        for rule in rules
    ]


def policy(emulator: Emulator, name: str) -> str:
    """Return the name of a bucket policy's first statement."""
    sid: str = json.loads(emulator.client("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]["Sid"]
    return sid


def file_system(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a file system."""
    efs = emulator.client("efs")
    found = efs.describe_file_systems(FileSystemId=name)["FileSystems"][0]
    policies = efs.describe_lifecycle_configuration(FileSystemId=name)["LifecyclePolicies"]
    return {**picked(found, "Encrypted", "ThroughputMode"), "policies": policies}


def access_point(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return an access point."""
    found = emulator.client("efs").describe_access_points(AccessPointId=name)["AccessPoints"][0]
    return {"path": found["RootDirectory"]["Path"], "uid": found["PosixUser"]["Uid"]}


def statement(sid: str) -> dict[str, Any]:
    """Return a policy that insists on TLS."""
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": tls}
    return {"Version": "2012-10-17", "Statement": [denied]}


AFTER_30 = [{"TransitionToIA": "AFTER_30_DAYS"}]
RULE = ("cold", 400, 90, 30)
SET = {"versioning": "Enabled", "encryption": "aws:kms", "blocked": {True}}
CASES = [
    Case(
        type="AWS::S3::Bucket",
        others={"Key": KEY},
        properties=BUCKET,
        expected={**SET, "rules": [RULE]},
        changes={"LifecycleConfiguration": None, "VersioningConfiguration": {"Status": "Suspended"}},
        changed={**SET, "versioning": "Suspended", "rules": []},
        look=bucket,
    ),
    Case(
        type="AWS::S3::BucketPolicy",
        others={"Bucket": {"Type": "AWS::S3::Bucket"}},
        properties={"Bucket": {"Ref": "Bucket"}, "PolicyDocument": statement("First")},
        expected="First",
        changes={"PolicyDocument": statement("Second")},
        changed="Second",
        look=policy,
    ),
    Case(
        type="AWS::EFS::FileSystem",
        properties={"Encrypted": True, "ThroughputMode": "elastic", "LifecyclePolicies": AFTER_30},
        expected={"Encrypted": True, "ThroughputMode": "elastic", "policies": AFTER_30},
        changes={"LifecyclePolicies": [{"TransitionToIA": "AFTER_60_DAYS"}]},
        changed={
            "Encrypted": True,
            "ThroughputMode": "elastic",
            "policies": [{"TransitionToIA": "AFTER_60_DAYS"}],
        },
        look=file_system,
    ),
    Case(
        type="AWS::EFS::AccessPoint",
        others={**NETWORK, "Files": {"Type": "AWS::EFS::FileSystem"}},
        properties={
            "FileSystemId": {"Ref": "Files"},
            "PosixUser": {"Uid": "1000", "Gid": "1000"},
            "RootDirectory": {
                "Path": "/app",
                "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1000", "Permissions": "750"},
            },
        },
        expected={"path": "/app", "uid": 1000},
        look=access_point,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_a_bucket_that_insists_on_tls_can_be_used(emulator: Emulator, stack: Stack) -> None:
    """A policy against plain connections does not shut out an emulator that has no others; CDK's own bucket has one."""
    policy_of_bucket = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": statement("Tls")}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy_of_bucket},
    }
    stack.deploy(resources)
    s3, name = emulator.client("s3"), stack.id("Bucket")
    s3.put_object(Bucket=name, Key="k", Body=b"v")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"v"


def test_a_full_bucket_goes_with_its_stack(emulator: Emulator, stack: Stack) -> None:
    """Objects do not keep a bucket, for the function that empties it in AWS does not run here."""
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    stack.deploy({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": versioned}})
    s3, name = emulator.client("s3"), stack.id("Bucket")
    for content in (b"1", b"2"):
        s3.put_object(Bucket=name, Key="k", Body=content)
    s3.delete_object(Bucket=name, Key="k")
    stack.delete()
    assert name not in [one["Name"] for one in s3.list_buckets()["Buckets"]]
