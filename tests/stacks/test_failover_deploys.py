"""What a `cdk deploy` does after a failover, with a new replica, after the failback, and with the next replica."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import pytest
from sites import HOME, ROWS, STAND_IN, Row, active, built, of_site

CREATE_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "AWS::RDS::DBInstance": frozenset(
        {
            "BackupTarget",
            "CharacterSetName",
            "CustomIAMInstanceProfile",
            "DBClusterIdentifier",
            "DBInstanceIdentifier",
            "DBName",
            "DBSubnetGroupName",
            "DBSystemId",
            "KmsKeyId",
            "MasterUsername",
            "NcharCharacterSetName",
            "SourceRegion",
            "StorageEncrypted",
            "Timezone",
            # Conditionally so: what CloudFormation's handler compares (aws-cloudformation-resource-providers-rds,
            # ImmutabilityHelper). SourceDBInstanceIdentifier may go, which promotes, and may not come.
            "AvailabilityZone",
            "DBSnapshotIdentifier",
            "Engine",
            "PerformanceInsightsKMSKeyId",
            "RestoreTime",
            "SourceDbiResourceId",
            "UseLatestRestorableTime",
        }
    ),
    "AWS::EFS::FileSystem": frozenset({"AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"}),
    "AWS::S3::Bucket": frozenset({"BucketName"}),
    "AWS::ECR::Repository": frozenset({"RepositoryName", "EncryptionConfiguration"}),
    "AWS::SecretsManager::Secret": frozenset({"Name"}),
    "AWS::RDS::DBSubnetGroup": frozenset({"DBSubnetGroupName"}),
    "AWS::RDS::DBParameterGroup": frozenset({"DBParameterGroupName", "Description", "Family"}),
    "AWS::AmazonMQ::Broker": frozenset(
        {"BrokerName", "StorageType", "DeploymentMode", "EngineType", "SubnetIds", "EncryptionOptions"}
    ),
    "AWS::ElastiCache::ReplicationGroup": frozenset(
        {"KmsKeyId", "Port", "CacheSubnetGroupName", "AtRestEncryptionEnabled", "ReplicationGroupId"}
    ),
    "AWS::KMS::Key": frozenset(),
    "AWS::Backup::BackupVault": frozenset({"BackupVaultName", "EncryptionKeyArn"}),
}
"""Properties of which a change replaces the resource (CloudFormation's resource schemas, createOnlyProperties)."""

STEPS = tuple(pairwise(ROWS))
every_step = pytest.mark.parametrize(
    ("before", "after"),
    [pytest.param(*step, marks=() if step in STEPS[:1] else pytest.mark.full) for step in STEPS],
    ids=["failover", "new-replica", "failback", "next-replica"],
)


def _kept(row: Row) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every resource that holds data: its stack, its logical ID, itself."""
    for name, stack in built(row).items():
        for logical_id, resource in stack.template["Resources"].items():
            if resource["Type"] in CREATE_ONLY:
                yield name, logical_id, resource


@every_step
def test_R5_nothing_that_holds_data_is_replaced(before: Row, after: Row) -> None:
    """What is there before and after has the same values of all that cannot change in place."""
    there = {(stack, logical_id): resource for stack, logical_id, resource in _kept(after)}
    compared = 0
    for stack, logical_id, old in _kept(before):
        new = there.get((stack, logical_id))
        if new is None:
            continue
        compared += 1
        was, becomes = old["Properties"], new["Properties"]
        changed = {name for name in CREATE_ONLY[old["Type"]] if was.get(name) != becomes.get(name)}
        source = "SourceDBInstanceIdentifier"
        if source in becomes and was.get(source) != becomes[source]:
            changed.add(source)
        assert set() == changed, f"{stack}/{logical_id}"
    assert compared > 2 * len(CREATE_ONLY)


@every_step
def test_R5_what_leaves_its_template_stays_in_the_account(before: Row, after: Row) -> None:
    """A generation that another one follows is kept as it is, with its subnet group, its parameters and its logs."""
    there = {(stack, logical_id) for stack, logical_id, _ in _kept(after)}
    gone = {
        (stack, logical_id): resource
        for stack, logical_id, resource in _kept(before)
        if (stack, logical_id) not in there
    }
    assert {"RetainExceptOnCreate"} >= {resource["DeletionPolicy"] for resource in gone.values()}
    assert {"AWS::RDS::DBInstance"} >= {resource["Type"] for resource in gone.values()}
    assert (len(gone) > 0) == (before[1] < after[1]), (
        "a new generation takes the place of an old one, and nothing else does"
    )


@every_step
def test_R5_what_stays_in_the_account_never_stands_in_the_way(before: Row, after: Row) -> None:
    """A kept resource with a fixed name that left a template does not come back: AWS would refuse the second of a name."""
    del before
    rows = ROWS[: ROWS.index(after) + 1]
    for name, stack in built(after).items():
        present = stack.template["Resources"]
        names = {_name(resource) for resource in present.values()}
        for earlier in rows[:-1]:
            left = {
                logical_id: _name(resource)
                for logical_id, resource in _resources(earlier, name).items()
                if resource.get("DeletionPolicy", "Delete") != "Delete"
                and _name(resource)
                # Not there in some row in between: it was left behind.
                and any(logical_id not in _resources(row, name) for row in rows[rows.index(earlier) :])
            }
            assert set() == set(left) & set(present), name
            assert set() == set(left.values()) & names, name


def _resources(row: Row, stack: str) -> dict[str, Any]:
    found = built(row).get(stack)
    return dict(found.template["Resources"]) if found else {}


def _name(resource: Mapping[str, Any]) -> str | None:
    properties = resource.get("Properties", {})
    for name in (
        "BackupVaultName",
        "DBInstanceIdentifier",
        "LogGroupName",
        "RepositoryName",
        "TableName",
        "ReplicationGroupId",
    ):
        if isinstance(properties.get(name), str):
            return f"{resource['Type']} {properties[name]}"
    return None


@every_step
def test_R5_the_active_side_has_its_full_size(before: Row, after: Row) -> None:
    """Tasks and their lower bounds, database and cache: as the home region has them while it is active."""
    del before
    assert _sizes(ROWS[0]) == _sizes(after)


def _sizes(row: Row) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for name in ("services", "data"):
        for resource in active(row)[name].template["Resources"].values():
            properties = resource.get("Properties", {})
            match resource["Type"]:
                case "AWS::ECS::Service":
                    found.append((properties["ServiceName"], properties.get("DesiredCount")))
                case "AWS::ApplicationAutoScaling::ScalableTarget":
                    found.append(("scaling", properties["MinCapacity"], properties["MaxCapacity"]))
                case "AWS::RDS::DBInstance":
                    reader = "replica" in properties["DBInstanceIdentifier"]
                    found.append(("reader" if reader else "database", properties["DBInstanceClass"]))
                case "AWS::ElastiCache::ReplicationGroup":
                    found.append(("cache", properties["CacheNodeType"], properties["NumNodeGroups"]))
    return sorted(found, key=str)


@every_step
def test_R5_the_active_database_is_backed_up_and_its_secrets_rotate(before: Row, after: Row) -> None:
    """Also one that was a replica: as many days of backups, and as many rotations, as the first database has."""
    del before
    (database,) = _databases(after, after[0])
    assert "SourceDBInstanceIdentifier" not in database
    assert (30, "04:00-05:00", True, True) == (
        database["BackupRetentionPeriod"],
        database["PreferredBackupWindow"],
        database["MultiAZ"],
        database["DeletionProtection"],
    )
    assert _count(ROWS[0], "AWS::SecretsManager::RotationSchedule") == _count(
        after, "AWS::SecretsManager::RotationSchedule"
    )
    assert 1 == _count(after, "AWS::SecretsManager::SecretTargetAttachment")


@pytest.mark.full
def test_R5_each_generation_has_its_name() -> None:
    """Odd ones at home, even ones in the stand-in, each its own resource."""
    found = [
        (region, next(iter(_databases(row, region)))["DBInstanceIdentifier"].removeprefix("generator-platform-prod-"))
        for row in ROWS
        for region in (HOME, STAND_IN)
    ]
    names = [name for _, name in found]
    assert ["db", "db-2", "db", "db-2", "db-3", "db-2", "db-3", "db-2", "db-3", "db-4"] == names


def _count(row: Row, kind: str) -> int:
    return sum(resource["Type"] == kind for resource in active(row)["data"].template["Resources"].values())


def _databases(row: Row, region: str) -> list[dict[str, Any]]:
    """Those that are not replicas within the region."""
    return [
        resource["Properties"]
        for resource in of_site(row, region)["data"].template["Resources"].values()
        if resource["Type"] == "AWS::RDS::DBInstance"
        and "-replica-" not in resource["Properties"]["DBInstanceIdentifier"]
    ]
