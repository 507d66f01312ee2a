"""What keeps an environment's objects, files and images."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from template import Template, actions, only, properties, resources, statements

Synthesized = Callable[[str, str], dict[str, Template]]

ENVIRONMENTS = [
    *(("generator-platform", env) for env in ("dev", "staging", "prod", "preview")),
    *(("storefront", env) for env in ("dev", "prod")),
]


@pytest.fixture(params=ENVIRONMENTS, ids="-".join)
def storage(synthesized: Synthesized, request: pytest.FixtureRequest) -> Template:
    """The storage stack of each application and environment."""
    app, env = request.param
    return synthesized(app, env)["storage"]


@pytest.fixture
def production(synthesized: Synthesized) -> Template:
    """The storage stack of production."""
    return synthesized("generator-platform", "prod")["storage"]


def test_T5_buckets_are_versioned_private_and_keep_what_their_owner_says(storage: Template) -> None:
    """Whatever their purpose."""
    buckets = properties(storage, "AWS::S3::Bucket")
    assert len(buckets) >= 2
    for bucket in buckets:
        assert "Enabled" == bucket["VersioningConfiguration"]["Status"]
        assert {True} == set(bucket["PublicAccessBlockConfiguration"].values())
        assert 4 == len(bucket["PublicAccessBlockConfiguration"])
        assert [{"ObjectOwnership": "BucketOwnerEnforced"}] == bucket["OwnershipControls"]["Rules"]
        assert "BucketName" not in bucket


def test_T5_production_has_a_bucket_for_data_logs_and_backups(production: Template) -> None:
    """Each with the lifecycle of the spec: cheaper after days, gone after days, old versions for 30."""
    rules = {}
    for name, resource in production["Resources"].items():
        if resource["Type"] == "AWS::S3::Bucket":
            (rule,) = resource["Properties"]["LifecycleConfiguration"]["Rules"]
            assert 7 == rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
            cheaper = [move["TransitionInDays"] for move in rule["Transitions"]]
            days = (cheaper, rule.get("ExpirationInDays"), rule["NoncurrentVersionExpiration"]["NoncurrentDays"])
            rules[name.removeprefix("Buckets")[:4]] = days
    assert {
        "Logs": ([30], 365, 30),
        "Data": ([90], None, 30),
        "Back": ([30], 365, 30),
        "Reco": ([30], None, 30),
    } == rules


def test_S5_buckets_refuse_plain_http_and_old_tls(storage: Template) -> None:
    """Each bucket denies what is not TLS, and what is below 1.2."""
    policies = properties(storage, "AWS::S3::BucketPolicy")
    assert len(resources(storage, "AWS::S3::Bucket")) == len(policies)
    for policy in policies:
        denied = [each["Condition"] for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


def test_S4_buckets_are_encrypted_with_the_key_of_data(production: Template) -> None:
    """All but that of access logs, to which load balancers deliver only under S3's own key."""
    found = {}
    for bucket in properties(production, "AWS::S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        logged = bucket.get("LoggingConfiguration", {}).get("LogFilePrefix")
        found[logged] = (rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"], rule.get("BucketKeyEnabled", False))
    own = ("aws:kms", True)
    assert {None: ("AES256", False), "s3/data/": own, "s3/backups/": own, "s3/records/": own} == found


def test_T6_the_file_system_is_encrypted_and_in_every_zone(production: Template) -> None:
    """One mount target in each isolated subnet, behind its security group."""
    files = only(production, "AWS::EFS::FileSystem")
    assert (True, "elastic") == (files["Encrypted"], files["ThroughputMode"])
    assert re.search("KeysData.*Arn", str(files["KmsKeyId"]))
    assert {"TransitionToIA": "AFTER_30_DAYS"} in files["LifecyclePolicies"]
    targets = properties(production, "AWS::EFS::MountTarget")
    assert 3 == len({str(target["SubnetId"]) for target in targets})
    assert all("isolatedSubnet" in str(target["SubnetId"]) for target in targets)


def test_T6_files_are_mounted_with_tls_and_by_the_access_point_alone(production: Template) -> None:
    """The policy denies the rest, and nobody is root."""
    policy = only(production, "AWS::EFS::FileSystem")["FileSystemPolicy"]["Statement"]
    assert {"Deny"} == {statement["Effect"] for statement in policy}
    conditions = [statement.get("Condition") for statement in policy if "ClientMount" in str(statement["Action"])]
    assert {"Bool": {"aws:SecureTransport": "false"}} in conditions
    assert {"Null": {"elasticfilesystem:AccessPointArn": "true"}} in conditions
    point = only(production, "AWS::EFS::AccessPoint")
    assert ("1000", "1000") == (point["PosixUser"]["Uid"], point["PosixUser"]["Gid"])


def test_T6_no_file_system_where_the_spec_has_none(synthesized: Synthesized) -> None:
    """The storefront stores no files."""
    assert [] == resources(synthesized("storefront", "prod")["storage"], "AWS::EFS::FileSystem")


def test_C2_each_built_service_has_a_repository(production: Template) -> None:
    """Named by prefix and service; tags stay, images are scanned and encrypted, old ones leave."""
    repositories = {each["RepositoryName"]: each for each in properties(production, "AWS::ECR::Repository")}
    assert {f"generator-platform-prod/{name}" for name in ("web", "api", "generator")} == set(repositories)
    for repository in repositories.values():
        assert "IMMUTABLE" == repository["ImageTagMutability"]
        assert {"ScanOnPush": True} == repository["ImageScanningConfiguration"]
        assert "KMS" == repository["EncryptionConfiguration"]["EncryptionType"]
        rules = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
        kept = [(rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules]
        assert [("untagged", 10), ("any", 100)] == kept


@pytest.mark.parametrize(("env", "stay"), [("prod", 8), ("staging", 7), ("dev", 7)])
def test_T5_what_cannot_leave_a_snapshot_stays(synthesized: Synthesized, env: str, stay: int) -> None:
    """Buckets, files and images outlive their stack, records of failovers where something stands in; nothing empties them."""
    template = synthesized("generator-platform", env)["storage"]
    kinds = ("AWS::S3::Bucket", "AWS::EFS::FileSystem", "AWS::ECR::Repository")
    found = [resource["DeletionPolicy"] for kind in kinds for resource in resources(template, kind)]
    assert ["RetainExceptOnCreate"] * stay == found
    assert [] == resources(template, "Custom::S3AutoDeleteObjects")


def test_A6_what_a_preview_stores_is_emptied_before_it_goes(synthesized: Synthesized) -> None:
    """A bucket or a repository with something in it could not be deleted."""
    preview = synthesized("generator-platform", "preview")["storage"]
    assert len(resources(preview, "AWS::S3::Bucket")) == len(resources(preview, "Custom::S3AutoDeleteObjects"))
    assert {True} == {repository["EmptyOnDelete"] for repository in properties(preview, "AWS::ECR::Repository")}


def test_S7_no_permission_of_storage_has_a_wildcard_action(storage: Template) -> None:
    """Each action that is allowed stands by its name, but those of CDK's own function that empties buckets."""
    allowed = [
        statement
        for _, statement in statements(storage)
        if statement["Effect"] == "Allow" and "AutoDelete" not in json.dumps(statement.get("Principal"))
    ]
    assert len(allowed) >= 1
    assert [] == [action for statement in allowed for action in actions(statement) if "*" in action]
