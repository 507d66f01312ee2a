"""Vaults, plans, selections and restore tests are there with the template's values."""

import json
from typing import Any

import pytest

from tests.rehearsal.under_test import Case, Emulator, Stack, picked

VAULT = {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "of-plan"}}
DENIED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"},
    ],
}
RULE: dict[str, Any] = {
    "RuleName": "daily",
    "TargetBackupVault": "of-plan",
    "ScheduleExpression": "cron(0 0 * * ? *)",
    "StartWindowMinutes": 60,
    "CompletionWindowMinutes": 480,
    "EnableContinuousBackup": False,
    "Lifecycle": {"DeleteAfterDays": 30},
    "CopyActions": [
        {
            "DestinationBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:there",
            "Lifecycle": {"DeleteAfterDays": 7},
        }
    ],
}
TEST_PLAN: dict[str, Any] = {
    "RestoreTestingPlanName": "weekly",
    "ScheduleExpression": "cron(0 6 ? * SUN *)",
    "StartWindowHours": 1,
    "RecoveryPointSelection": {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
    },
}
DATABASE = "arn:aws:rds:us-west-2:123456789012:db:shop"


def vault(emulator: Emulator, name: str) -> dict[str, Any]:
    """Its lock and its policy."""
    backup = emulator.client("backup")
    policy = json.loads(backup.get_backup_vault_access_policy(BackupVaultName=name)["Policy"])
    described = backup.describe_backup_vault(BackupVaultName=name)
    lock = {name: described[name] for name in ("MinRetentionDays", "MaxRetentionDays") if name in described}
    return {"policy": policy, **lock}


def plan(emulator: Emulator, name: str) -> Any:
    """Its rules; a plan that is gone can still be asked for, with the date of its end."""
    found = emulator.client("backup").get_backup_plan(BackupPlanId=name)
    return [] if "DeletionDate" in found else found["BackupPlan"]["Rules"]


def schedule(emulator: Emulator, name: str) -> dict[str, Any]:
    """Its schedule and how backups are chosen."""
    found = emulator.client("backup").get_restore_testing_plan(RestoreTestingPlanName=name)["RestoreTestingPlan"]
    return picked(found, "ScheduleExpression", "RecoveryPointSelection")


CASES = [
    Case(
        type="AWS::Backup::BackupVault",
        properties={"BackupVaultName": "kept", "AccessPolicy": DENIED, "LockConfiguration": {"MinRetentionDays": 7}},
        expected={"policy": DENIED, "MinRetentionDays": 7},
        look=vault,
        changes={"LockConfiguration": {"MinRetentionDays": 8, "MaxRetentionDays": 90}},
        changed={"policy": DENIED, "MinRetentionDays": 8, "MaxRetentionDays": 90},
    ),
    Case(
        type="AWS::Backup::BackupPlan",
        properties={"BackupPlan": {"BackupPlanName": "daily", "BackupPlanRule": [RULE]}},
        expected=["cron(0 0 * * ? *)"],
        look=lambda emulator, name: [rule["ScheduleExpression"] for rule in plan(emulator, name)],
        changes={
            "BackupPlan": {
                "BackupPlanName": "daily",
                "BackupPlanRule": [{**RULE, "ScheduleExpression": "cron(0 1 * * ? *)"}],
            }
        },
        changed=["cron(0 1 * * ? *)"],
        others={"Vault": VAULT},
    ),
    Case(
        type="AWS::Backup::RestoreTestingPlan",
        properties=TEST_PLAN,
        expected=picked(TEST_PLAN, "ScheduleExpression", "RecoveryPointSelection"),
        look=schedule,
        changes={"ScheduleExpression": "cron(0 6 1 * ? *)"},
        changed={
            **picked(TEST_PLAN, "RecoveryPointSelection"),
            "ScheduleExpression": "cron(0 6 1 * ? *)",
        },
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_what_plans_select_and_tests_restore(emulator: Emulator, stack: Stack) -> None:
    """Each stands under its plan, with the template's values."""
    role = "arn:aws:iam::123456789012:role/backups"
    chosen = {"SelectionName": "shop", "IamRoleArn": role, "Resources": [DATABASE]}
    stack.deploy(
        {
            "Vault": VAULT,
            "Plan": {
                "Type": "AWS::Backup::BackupPlan",
                "Properties": {"BackupPlan": {"BackupPlanName": "selecting", "BackupPlanRule": [RULE]}},
                "DependsOn": "Vault",
            },
            "Selection": {
                "Type": "AWS::Backup::BackupSelection",
                "Properties": {"BackupPlanId": {"Ref": "Plan"}, "BackupSelection": chosen},
            },
            "Tests": {"Type": "AWS::Backup::RestoreTestingPlan", "Properties": TEST_PLAN},
            "Test": {
                "Type": "AWS::Backup::RestoreTestingSelection",
                "Properties": {
                    "RestoreTestingPlanName": {"Ref": "Tests"},
                    "RestoreTestingSelectionName": "database",
                    "IamRoleArn": role,
                    "ProtectedResourceType": "RDS",
                    "ProtectedResourceArns": [DATABASE],
                    "RestoreMetadataOverrides": {"multiAz": "false"},
                    "ValidationWindowHours": 6,
                },
            },
        }
    )
    backup = emulator.client("backup")
    (rule,) = plan(emulator, stack.id("Plan"))
    named = {"TargetBackupVault": "TargetBackupVaultName"}
    assert RULE == {name: rule[named.get(name, name)] for name in RULE}
    selection = backup.get_backup_selection(BackupPlanId=stack.id("Plan"), SelectionId=stack.id("Selection"))
    assert chosen == selection["BackupSelection"]
    test = backup.get_restore_testing_selection(
        RestoreTestingPlanName=stack.id("Tests"), RestoreTestingSelectionName=stack.id("Test")
    )["RestoreTestingSelection"]
    assert ("RDS", [DATABASE], {"multiAz": "false"}, 6) == (
        test["ProtectedResourceType"],
        test["ProtectedResourceArns"],
        test["RestoreMetadataOverrides"],
        test["ValidationWindowHours"],
    )
    assert all(each["emulated"] for each in stack.resources().values())
