"""Two sites of one environment, made by the same stacks: what they may know of each other, and who comes first."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from sites import HOME, ROWS, STAND_IN, Row, active, built, leaves, of_site, waiting
from synthesis import Synthesized
from template import only

EACH_SITE = {"security", "network", "storage", "data", "services", "observability", "copies", "backup"}
SAMPLED = ROWS[:2]
RESOURCES_PER_STACK = 500
"""CloudFormation's limit (User Guide, quotas)."""
GLOBAL = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::CloudWatch::Dashboard", "AWS::S3::Bucket"}
"""Types whose names are one for all regions."""
NAMES = (
    "AlarmName",
    "AliasName",
    "BrokerName",
    "ClusterName",
    "DashboardName",
    "DBInstanceIdentifier",
    "FunctionName",
    "LogGroupName",
    "ManagedPolicyName",
    "Name",
    "ReplicationGroupId",
    "RepositoryName",
    "RoleName",
    "ServiceName",
    "StateMachineName",
    "TableName",
    "TopicName",
    "UserGroupId",
    "UserId",
)

every_row = pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=() if row in SAMPLED else pytest.mark.full) for row in ROWS],
    ids=[f"{region}-{generation}" for region, generation in ROWS],
)


@every_row
def test_R4_both_regions_have_the_stacks_of_a_site(row: Row) -> None:
    """Under names of their own, each in its region, and far from AWS's limit."""
    for region in (HOME, STAND_IN):
        stacks = of_site(row, region)
        assert set(stacks) >= EACH_SITE
        assert {region} == {stack.region for stack in stacks.values()}
    sizes = {name: len(stack.template["Resources"]) for name, stack in built(row).items()}
    assert {} == {name: size for name, size in sizes.items() if size > RESOURCES_PER_STACK / 2}


@every_row
def test_R4_the_waiting_site_reads_no_output_of_the_other(row: Row) -> None:
    """Its templates deploy with the active region gone: every output that they read is a stack's of the same site, or of the
    edge, which belongs to none.
    """
    own = {stack.name for stack in waiting(row).values()} | {built(row)["edge"].name}
    read = {
        (name, output["StackName"])
        for name, stack in waiting(row).items()
        for _, output in leaves(stack.template["Resources"])
        if isinstance(output, dict)
    }
    assert len(read) > len(EACH_SITE)
    assert set() == {reading for reading in read if reading[1] not in own}
    assert {"routing"} == {reader for reader, stack in read if stack == built(row)["edge"].name}


@every_row
def test_R4_the_waiting_site_names_nothing_of_the_other(row: Row) -> None:
    """But the database that it replicates, known from the spec, and which region it is that the releases go to first. What a
    role may remove there of what it copied there is no reference (tests/stacks/test_backup_sites.py).
    """
    region, _ = row
    named = {
        path.rsplit("/", 1)[-1]
        for name in EACH_SITE - {"backup"}
        for path, value in leaves(waiting(row)[name].template["Resources"])
        if isinstance(value, str) and region in value and _says_more(name, path, value, region)
    }
    expected = {"SourceDBInstanceIdentifier"} if _follows(row) else set()
    assert expected == named


def _says_more(stack: str, path: str, value: str, region: str) -> bool:
    """Metrics of CloudFront are in us-east-1 whoever is active; the plan of a release says which region is."""
    if "/DashboardBody" in path:
        return f":{region}:" in value
    if stack == "services":
        value = value.replace(f'"active_region":"{region}"', "")
    return region in value


@every_row
def test_R4_the_waiting_database_is_a_replica_while_it_follows(row: Row) -> None:
    """Of the other region's, by an ARN that is built; with its own region's key, and without the property RDS refuses."""
    region, generation = row
    (instance,) = [
        each["Properties"]
        for each in waiting(row)["data"].template["Resources"].values()
        if each["Type"] == "AWS::RDS::DBInstance" and "replica" not in each["Properties"]["DBInstanceIdentifier"]
    ]
    if not _follows(row):
        assert "SourceDBInstanceIdentifier" not in instance
        return
    source = "generator-platform-prod-db" + (f"-{generation - 1}" if generation > ROWS[0][1] else "")
    assert f"arn:aws:rds:{region}:123456789012:db:{source}" == _joined(instance["SourceDBInstanceIdentifier"])
    assert f"generator-platform-prod-db-{generation}" == instance["DBInstanceIdentifier"]
    assert waiting(row)["security"].name == instance["KmsKeyId"]["Fn::GetStackOutput"]["StackName"]
    assert not {"StorageEncrypted", "MasterUsername", "DBName", "Engine", "BackupRetentionPeriod"} & set(instance)


def _joined(value: object) -> str:
    return value if isinstance(value, str) else "".join(value["Fn::Join"][1])  # type: ignore[index]


def _follows(row: Row) -> bool:
    return row in (ROWS[0], ROWS[2], ROWS[4])


@every_row
def test_R4_no_name_is_given_twice(row: Row) -> None:
    """In one region, where the edge may stand beside a site; or in all, where a type's names are an account's."""
    names: Counter[tuple[str, str, str, str]] = Counter()
    for stack in built(row).values():
        for resource in stack.template["Resources"].values():
            kind, properties = resource["Type"], resource.get("Properties", {})
            where = "everywhere" if kind in GLOBAL else stack.region
            for name in NAMES:
                value = properties.get(name)
                if isinstance(value, str) and not kind.startswith(("AWS::Route53", "AWS::SSM::Parameter::")):
                    names[where, kind, name, value] += 1
    assert len(names) > len(NAMES)
    assert [] == [name for name, times in names.items() if times > 1]


@every_row
def test_R4_who_comes_first(row: Row) -> None:
    """What is copied to, before what copies; the source before its replica; users' region before the other (decision 11)."""
    here, there = active(row), waiting(row)
    ids = {stack.name: construct_id for construct_id, stack in built(row).items()}

    def before(first: Synthesized, second: Synthesized) -> bool:
        return ids[first.name] in _before(row, ids[second.name])

    follows = _follows(row)
    assert follows == before(there["storage"], here["storage"])
    assert follows == before(here["data"], there["data"])
    assert follows == before(here["services"], there["services"])
    assert not before(there["data"], here["data"])
    assert not before(there["services"], here["services"])


def _before(row: Row, construct_id: str) -> set[str]:
    """Every stack that has to be there before this one."""
    found: set[str] = set()
    ahead = set(built(row)[construct_id].waits_for)
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead |= built(row)[here].waits_for
    return found


@every_row
def test_R4_objects_and_files_are_copied_to_the_waiting_site(row: Row) -> None:
    """With time control and the other region's key; not until somebody asks for a new replica after a failover."""
    buckets = [
        each["Properties"].get("ReplicationConfiguration")
        for each in active(row)["storage"].template["Resources"].values()
        if each["Type"] == "AWS::S3::Bucket"
    ]
    rules = [rule for configuration in buckets if configuration for rule in configuration["Rules"]]
    copied = [rule["Destination"] for rule in rules]
    assert (2 if _follows(row) else 0) == len(copied)
    assert all(15 == each["ReplicationTime"]["Time"]["Minutes"] for each in copied)
    outputs = [each["EncryptionConfiguration"]["ReplicaKmsKeyID"]["Fn::GetStackOutput"] for each in copied]
    assert {waiting(row)["security"].name} >= {output["StackName"] for output in outputs}
    files, copy = (only(site["storage"].template, "AWS::EFS::FileSystem") for site in (active(row), waiting(row)))
    assert _follows(row) == ("ReplicationConfiguration" in files)
    protection = {"ReplicationOverwriteProtection": "DISABLED"} if _follows(row) else None
    assert (None, protection) == (files.get("FileSystemProtection"), copy.get("FileSystemProtection"))
    assert "ReplicationConfiguration" not in copy


@every_row
def test_S3_secrets_rotate_where_their_server_takes_writes(row: Row) -> None:
    """Those of the database and the application's in the active site alone; of cache and queue, which each site has, in both."""
    rotated = {
        site: sum(each["Type"] == "Custom::Login" for each in stacks["data"].template["Resources"].values())
        for site, stacks in (("active", active(row)), ("waiting", waiting(row)))
    }
    assert {"active": 6, "waiting": 3} == rotated


@every_row
def test_R4_secrets_images_and_broker_are_kept_in_step(row: Row) -> None:
    """By functions of the active site, and one that receives in the waiting one; by none until a new replica follows."""
    functions = {
        site: {
            each["Properties"]["Handler"].partition(".handler")[0]
            for each in stacks["copies"].template["Resources"].values()
            if each["Type"] == "AWS::Lambda::Function"
        }
        for site, stacks in (("active", active(row)), ("waiting", waiting(row)))
    }
    sending = {"secret_mirror", "image_replication", "broker_mirror.sending"}
    expected = (
        {"active": sending, "waiting": {"broker_mirror.receiving"}}
        if _follows(row)
        else {"active": set(), "waiting": set()}
    )
    assert expected == functions


@every_row
def test_R4_the_database_and_the_application_have_the_same_secrets_in_both_sites(row: Row) -> None:
    """Each of this site's is copied to its like; those of cache and queue are not."""
    parameters = [
        each["Properties"]["Value"]
        for each in active(row)["copies"].template["Resources"].values()
        if each["Type"] == "AWS::SSM::Parameter"
    ]
    names = {"database", "database-administrator", "SESSION_SIGNING_KEY", "MODEL_API_KEY"}
    found = [set(re.findall(r'"name":"generator-platform-prod/([^"]+)"', _text(each))) for each in parameters]
    assert ([names] if _follows(row) else []) == found


def _text(value: object) -> str:
    return value if isinstance(value, str) else "".join(part for part in value["Fn::Join"][1] if isinstance(part, str))  # type: ignore[index]


@every_row
def test_R4_no_resource_waits_for_itself(row: Row) -> None:
    """CloudFormation refuses a template with a circle, and only when it is deployed."""
    for name, stack in built(row).items():
        resources = stack.template["Resources"]
        waits = {each: _named(resources[each]) & set(resources) for each in resources}
        while free := {each for each, before in waits.items() if not before}:
            waits = {each: before - free for each, before in waits.items() if each not in free}
        assert {} == waits, name


def _named(value: object) -> set[str]:
    """Logical IDs that a resource refers to, or depends on."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, part in value.items():
            match key, part:
                case "Ref", str():
                    found.add(part)
                case "Fn::GetAtt", [str(logical_id), *_]:
                    found.add(logical_id)
                case "DependsOn", str():
                    found.add(part)
                case "DependsOn", list():
                    found |= set(part)
                case "Fn::Sub", [str(text), *_] | str(text):
                    found |= {each.partition(".")[0] for each in re.findall(r"\$\{([^!}]+)\}", text)}
                case _:
                    found |= _named(part)
    elif isinstance(value, list):
        for part in value:
            found |= _named(part)
    return found
