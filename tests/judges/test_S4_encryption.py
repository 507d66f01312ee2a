"""Row S4: what can be encrypted with a customer's key is, in every template."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from judges.code import ROOT
from spec import catalogue, load

Synthesized = Callable[[str, str], dict[str, dict[str, Any]]]
Properties = Mapping[str, Any]

ENVIRONMENTS = [(file.stem, name) for file in catalogue.files(ROOT / "apps") for name in load(file).environments]


def _bucket(properties: Properties) -> bool:
    """By a key of ours; a bucket that AWS itself writes access logs into takes S3's own (AES-256) alone."""
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default = rule["ServerSideEncryptionByDefault"]
    by_key = default["SSEAlgorithm"] == "aws:kms" and "KMSMasterKeyID" in default
    return by_key or (default["SSEAlgorithm"] == "AES256" and "LoggingConfiguration" not in properties)


def _database(properties: Properties) -> bool:
    """A replica is encrypted as its source; RDS refuses the property on it."""
    own = properties.get("StorageEncrypted") is True and "KmsKeyId" in properties
    replica = "SourceDBInstanceIdentifier" in properties
    insights = not properties.get("EnablePerformanceInsights") or "PerformanceInsightsKMSKeyId" in properties
    return (own or replica) and insights


ENCRYPTED: Mapping[str, Callable[[Properties], bool]] = {
    "AWS::AmazonMQ::Broker": lambda p: p["EncryptionOptions"].get("KmsKeyId") is not None,
    "AWS::Backup::BackupVault": lambda p: "EncryptionKeyArn" in p,
    "AWS::ECR::Repository": lambda p: (
        p["EncryptionConfiguration"]["EncryptionType"] == "KMS" and "KmsKey" in p["EncryptionConfiguration"]
    ),
    "AWS::ECS::Cluster": lambda p: "KmsKeyId" in p["Configuration"]["ExecuteCommandConfiguration"],
    "AWS::EFS::FileSystem": lambda p: p["Encrypted"] is True and "KmsKeyId" in p,
    "AWS::ElastiCache::ReplicationGroup": lambda p: p["AtRestEncryptionEnabled"] is True and "KmsKeyId" in p,
    "AWS::Logs::LogGroup": lambda p: "KmsKeyId" in p,
    "AWS::RDS::DBInstance": _database,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": lambda p: "KmsMasterKeyId" in p,
    "AWS::SQS::Queue": lambda p: "KmsMasterKeyId" in p,
    "AWS::SecretsManager::Secret": lambda p: "KmsKeyId" in p,
}

KEEPS_NOTHING = {
    "AWS::EC2::VPC": "its property is about traffic between instances",
    "AWS::KMS::Key": "is the key",
    "AWS::KMS::Alias": "is a name of the key",
    "AWS::StepFunctions::StateMachine": "executions hold IDs and verdicts of releases; Step Functions' own key encrypts them",
    "AWS::Scheduler::Schedule": "its input names what it starts, and no more; Scheduler's own key encrypts it",
    "AWS::Lambda::Function": "its key is for variables, and CDK's own functions have none",
}
"""Types with a property for a key that need none here, and why."""


def _takes_a_key(kind: str) -> bool:
    """Whether the type has a property for a key, by CDK's own list of its properties."""
    _, service, name = kind.split("::")
    module = importlib.import_module(f"aws_cdk.aws_{service.lower()}")
    options = vars(getattr(module, f"Cfn{name}Props"))
    return any("kms" in option or "encrypt" in option for option in options)


@pytest.mark.parametrize(("app", "env"), ENVIRONMENTS)
def test_S4_everything_that_takes_a_key_has_one(synthesized: Synthesized, app: str, env: str) -> None:
    """Data, logs, secrets, messages and images lie under a key of the environment."""
    found = [
        f"{stack} {name}"
        for stack, template in synthesized(app, env).items()
        for name, resource in template["Resources"].items()
        if resource["Type"] in ENCRYPTED and not ENCRYPTED[resource["Type"]](resource["Properties"])
    ]
    assert [] == found


@pytest.mark.parametrize(("app", "env"), ENVIRONMENTS)
def test_S4_no_type_that_takes_a_key_is_forgotten(synthesized: Synthesized, app: str, env: str) -> None:
    """A new type with a property for a key must be decided about here."""
    kinds = {
        resource["Type"]
        for template in synthesized(app, env).values()
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::")
    }
    assert set() == {kind for kind in kinds if _takes_a_key(kind)} - ENCRYPTED.keys() - KEEPS_NOTHING.keys()


@pytest.mark.parametrize(("app", "env"), ENVIRONMENTS)
def test_S4_every_key_is_renewed(synthesized: Synthesized, app: str, env: str) -> None:
    """KMS renews each symmetric key by itself, as often as the spec says."""
    days = load(ROOT / "apps" / f"{app}.yaml").for_environment(env).encryption.key_rotation_days
    keys = [
        resource["Properties"]
        for template in synthesized(app, env).values()
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::KMS::Key"
    ]
    assert keys
    assert [(True, days)] * len(keys) == [(key["EnableKeyRotation"], key["RotationPeriodInDays"]) for key in keys]
