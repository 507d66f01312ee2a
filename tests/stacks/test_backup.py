"""What is backed up, where it goes, who may delete it, and who looks whether it can be restored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from synthesis import templates
from template import Properties, Template, actions, only, properties, resources, statements
from variant import varied

from backup_watch.models import Settings as WatchSettings
from point_in_time.models import Settings as MomentSettings
from restore_tests.models import Settings as LookSettings

OVERRIDABLE = {
    "RDS": {
        "allocatedStorage",
        "availabilityZones",
        "dbInstanceClass",
        "dbName",
        "dbParameterGroupName",
        "dbSubnetGroupName",
        "enableCloudwatchLogsExports",
        "enableIamDatabaseAuthentication",
        "iops",
        "multiAz",
        "optionGroupName",
        "port",
        "publiclyAccessible",
        "storageType",
        "vpcSecurityGroupIds",
    },
    "S3": {"encryptionType", "kmsKey", "restoreACLs"},
    "EFS": {"kmsKeyId", "performanceMode"},
}
"""What a restore test may say of a copy; AWS refuses anything else (AWS Backup Developer Guide, restore testing inferred metadata)."""

Synthesized = Callable[[str, str], dict[str, Template]]

PREFIX = "generator-platform-prod"
VAULT = "AWS::Backup::BackupVault"
PLAN = "AWS::Backup::BackupPlan"
SELECTION = "AWS::Backup::BackupSelection"
TESTS = "AWS::Backup::RestoreTestingSelection"


@pytest.fixture(scope="module")
def production(synthesized: Synthesized) -> Template:
    """The generator platform's production: a database, a bucket, files."""
    return synthesized("generator-platform", "prod")["backup"]


def copied(data: dict[str, Any]) -> None:
    """Backups go to another region, every four hours, and nothing else stands there."""
    data["recovery"] = {"strategy": "backup_restore", "region": "us-east-1", "objects_minutes": 1700.0}
    data["backup"] = {
        "copies": {"every_hours": 4, "keep_days": 14},
        "lock": {"mode": "compliance", "changeable_for_days": 3, "min_days": 7, "max_days": 400},
    }
    data["objectives"] = {**data.get("objectives", {}), "rto_minutes": None, "rpo_minutes": None}


@pytest.fixture(scope="module")
def copies() -> dict[str, Template]:
    """The storefront's production with copies."""
    return templates(varied("storefront", "prod", copied))


def rules(template: Template) -> dict[str, Properties]:
    """Of every plan, by name."""
    plans = [each["BackupPlan"]["BackupPlanRule"] for each in properties(template, PLAN)]
    return {rule["RuleName"]: rule for each in plans for rule in each}


def variable(template: Template, name: str) -> Any:
    """The variable `name` of the one function that has it, with references as they stand."""
    (found,) = (
        each["Environment"]["Variables"][name]
        for each in properties(template, "AWS::Lambda::Function")
        if name in each.get("Environment", {}).get("Variables", {})
    )
    return _text(found)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "REFERENCE" for part in value["Fn::Join"][1])


def test_R1_production_is_backed_up_daily_at_midnight_for_thirty_days(production: Template) -> None:
    """All three, in the same plan; what is kept for a year may become cold."""
    found = rules(production)
    assert {"daily", "monthly", "continuous"} == set(found)
    daily = found["daily"]
    assert ("cron(0 0 * * ? *)", {"DeleteAfterDays": 30}, 60) == (
        daily["ScheduleExpression"],
        daily["Lifecycle"],
        daily["StartWindowMinutes"],
    )
    assert {"DeleteAfterDays": 365, "MoveToColdStorageAfterDays": 30} == found["monthly"]["Lifecycle"]
    selections = [each["BackupSelection"]["Resources"] for each in properties(production, SELECTION)]
    assert [1, 3] == sorted(len(each) for each in selections)
    assert f"arn:aws:rds:us-west-2:123456789012:db:{PREFIX}-db" in max(selections, key=len)


def test_R1_no_plan_takes_the_databases_own_backups_away_from_rds(production: Template) -> None:
    """Continuous is the bucket's plan alone: RDS would refuse the template's retention from then on."""
    plans = {logical: each for logical, each in production["Resources"].items() if each["Type"] == PLAN}
    continuous = {
        logical
        for logical, plan in plans.items()
        for rule in plan["Properties"]["BackupPlan"]["BackupPlanRule"]
        if rule["EnableContinuousBackup"]
    }
    assert 1 == len(continuous)
    for selection in properties(production, SELECTION):
        if selection["BackupPlanId"]["Ref"] in continuous:
            assert "arn:aws:rds" not in json.dumps(selection["BackupSelection"]["Resources"])


def test_R2_nobody_deletes_from_the_vault(production: Template) -> None:
    """By its policy; its lock refuses what is kept for less than a week; it stays when its stack goes."""
    (vault,) = resources(production, VAULT)
    (denied,) = vault["Properties"]["AccessPolicy"]["Statement"]
    assert ("Deny", "*") == (denied["Effect"], denied["Principal"])
    assert {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"} <= set(denied["Action"])
    assert {"MinRetentionDays": 7} == vault["Properties"]["LockConfiguration"]
    assert {"RetainExceptOnCreate", "Retain"} >= {vault["DeletionPolicy"]}
    assert "EncryptionKeyArn" in vault["Properties"]


def test_R2_each_resource_is_restored_where_nobody_reaches_it(production: Template) -> None:
    """Weekly, the newest backup; the database not in the default network, and not public."""
    found = {each["ProtectedResourceType"]: each for each in properties(production, TESTS)}
    assert {"RDS", "S3", "EFS"} == set(found)
    database = found["RDS"]["RestoreMetadataOverrides"]
    assert ("false", "false") == (database["publiclyAccessible"], database["multiAz"])
    assert "SecurityGroupsrestored" in json.dumps(database["vpcSecurityGroupIds"])
    for kind, overridable in OVERRIDABLE.items():
        assert set(found[kind]["RestoreMetadataOverrides"]) <= overridable
    assert {6} == {each["ValidationWindowHours"] for each in found.values()}
    plan = only(production, "AWS::Backup::RestoreTestingPlan")
    assert ("cron(0 6 ? * SUN *)", "generator_platform_prod") == (
        plan["ScheduleExpression"],
        plan["RestoreTestingPlanName"],
    )


def test_R2_copies_are_reached_by_those_who_look_and_by_nobody_else(synthesized: Synthesized) -> None:
    """Two ports into the group of copies, both from one group; nothing out of it."""
    network = synthesized("generator-platform", "prod")["network"]
    into = [
        rule
        for rule in properties(network, "AWS::EC2::SecurityGroupIngress")
        if "restored" in json.dumps(rule["GroupId"])
    ]
    assert {2049, 5432} == {rule["FromPort"] for rule in into}
    assert all("SecurityGroupsrestores" in json.dumps(rule["SourceSecurityGroupId"]) for rule in into)
    out = [
        rule
        for rule in properties(network, "AWS::EC2::SecurityGroupEgress")
        if "SecurityGroupsrestored" in json.dumps(rule["GroupId"])
    ]
    assert [] == out


def test_R2_the_manifest_is_written_before_the_backup(production: Template) -> None:
    """A quarter of an hour, for each kind of store; and each restored copy is looked into."""
    schedules = [each.get("ScheduleExpression") for each in properties(production, "AWS::Events::Rule")]
    assert 3 == schedules.count("cron(45 23 * * ? *)")
    looks = [
        each
        for each in properties(production, "AWS::Events::Rule")
        if each.get("EventPattern", {}).get("detail", {}).get("status") == ["COMPLETED"]
    ]
    assert {"RDS", "S3", "EFS"} == {each["EventPattern"]["detail"]["resourceType"][0] for each in looks}
    assert all("restoreTestingPlanArn" in each["EventPattern"]["detail"] for each in looks)


def test_R1_R2_R3_functions_are_told_what_they_ask_for(production: Template) -> None:
    """Each by its own model, which refuses what is missing."""
    watch = msgspec.json.decode(variable(production, "BACKUPS"), type=WatchSettings)
    assert ["database", "data", "files"] == [each.name for each in watch.resources]
    moment = msgspec.json.decode(variable(production, "POINT_IN_TIME"), type=MomentSettings)
    assert (f"{PREFIX}-db", 30) == (moment.database, moment.backup_days)
    told = [
        msgspec.json.decode(_text(each["Environment"]["Variables"]["RESTORE_TESTS"]), type=LookSettings)
        for each in properties(production, "AWS::Lambda::Function")
        if "RESTORE_TESTS" in each["Environment"]["Variables"]
    ]
    assert {"database": 24, "data": None, "files": None} == {each.kind: each.limits.newest_hours for each in told}


def test_R1_alarms_say_what_failed_is_late_or_was_never_tested(production: Template) -> None:
    """Of each resource; a watch that is silent rings as old backups do."""
    alarms = {each["AlarmName"]: each for each in properties(production, "AWS::CloudWatch::Alarm")}
    for resource in ("database", "data", "files"):
        for what in ("failed-warning", "slow-warning", "old-critical", "test-failed-critical", "untested-warning"):
            assert f"{PREFIX}-{resource}-backup-{what}" in alarms
    slow = alarms[f"{PREFIX}-database-backup-slow-warning"]
    assert (60, "RunningMinutes") == (slow["Threshold"], slow["MetricName"])
    assert "breaching" == alarms[f"{PREFIX}-database-backup-old-critical"]["TreatMissingData"]


def test_R3_a_restore_to_a_moment_may_change_no_running_database(production: Template) -> None:
    """Databases called after the running one with the moment, and nothing is deleted."""
    changing = [
        statement
        for _, statement in statements(production)
        if {"rds:ModifyDBInstance", "rds:DeleteDBInstance"} & set(actions(statement))
    ]
    assert changing
    for statement in changing:
        allowed = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert all(each.endswith((f":db:{PREFIX}-db-at-*", ":db:awsbackup-restore-test-*")) for each in allowed)


def test_R2_copies_go_to_a_vault_that_is_locked_like_this_one(copies: dict[str, Template]) -> None:
    """In another region; that vault's template reads nothing of this one."""
    here, there = copies["backup"], copies["standin-backup"]
    assert only(here, VAULT)["LockConfiguration"] == only(there, VAULT)["LockConfiguration"]
    lock = {"MinRetentionDays": 7, "MaxRetentionDays": 400, "ChangeableForDays": 3}
    assert lock == only(there, VAULT)["LockConfiguration"]
    assert "GetStackOutput" not in json.dumps(there)
    assert {VAULT, "AWS::KMS::Key", "AWS::KMS::Alias"} == {each["Type"] for each in there["Resources"].values()}
    copied_rule = rules(here)["copied"]
    assert "cron(0 0,4,8,12,16,20 * * ? *)" == copied_rule["ScheduleExpression"]
    (action,) = copied_rule["CopyActions"]
    assert (
        "arn:aws:backup:us-east-1:123456789012:backup-vault:storefront-prod-backups"
        == action["DestinationBackupVaultArn"]
    )
    assert {"DeleteAfterDays": 14} == action["Lifecycle"]
    assert "CopyActions" not in rules(here)["daily"]


def test_R2_the_daily_backup_itself_is_copied_where_copies_are_daily() -> None:
    """No second backup is taken for them."""

    def daily(data: dict[str, Any]) -> None:
        copied(data)
        data["backup"] = {}

    here = templates(varied("storefront", "prod", daily))["backup"]
    assert "copied" not in rules(here)
    assert {"DeleteAfterDays": 30} == rules(here)["daily"]["CopyActions"][0]["Lifecycle"]


def test_R1_a_small_environment_keeps_a_week_and_tests_nothing(synthesized: Synthesized) -> None:
    """Without lock, continuous backups and restore tests; a database can still be had of a moment."""
    small = synthesized("storefront", "dev")["backup"]
    assert ["daily"] == list(rules(small))
    assert {"DeleteAfterDays": 7} == rules(small)["daily"]["Lifecycle"]
    assert "LockConfiguration" not in only(small, VAULT)
    assert [] == resources(small, TESTS)
    assert variable(small, "POINT_IN_TIME")


def test_R1_a_preview_has_no_vault_that_could_not_go(synthesized: Synthesized) -> None:
    """It goes as a whole."""
    assert "backup" not in synthesized("generator-platform", "preview")
