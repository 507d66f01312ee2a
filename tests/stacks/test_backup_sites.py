"""Backups of two sites: whichever is active has them, and the vault of the other one gets the copies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sites import HOME, ROWS, STAND_IN, Row, active, waiting
from template import Template, actions, only, properties, resources, statements

PREFIX = "generator-platform-prod"
VAULT = "AWS::Backup::BackupVault"
TAKES = {
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::RestoreTestingPlan",
    "AWS::Backup::RestoreTestingSelection",
    "AWS::CloudWatch::Alarm",
    "AWS::Events::Rule",
    "AWS::Lambda::Function",
    "AWS::StepFunctions::StateMachine",
}
SAMPLED = ROWS[:2]

every_row = pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=() if row in SAMPLED else pytest.mark.full) for row in ROWS],
    ids=[f"{region}-{generation}" for region, generation in ROWS],
)


def _backup(row: Row) -> Template:
    return active(row)["backup"].template


def _kinds(template: Template) -> set[str]:
    return {each["Type"] for each in template["Resources"].values()}


@every_row
def test_R1_the_active_site_is_backed_up_whichever_it_is(row: Row) -> None:
    """Its own database, by the name that it has in its generation, its bucket and its files, daily at midnight for 30 days."""
    region, generation = row
    at_home = region == HOME
    number = generation if (generation % 2 == 1) == at_home else generation - 1
    database = f"arn:aws:rds:{region}:123456789012:db:{PREFIX}-db" + (f"-{number}" if number > 1 else "")
    template = _backup(row)
    assert _kinds(template) >= TAKES
    selected = [each["BackupSelection"]["Resources"] for each in properties(template, "AWS::Backup::BackupSelection")]
    everything = max(selected, key=len)
    assert (3, True) == (len(everything), database in everything)
    of_own_site = {active(row)["storage"].name}
    assert of_own_site == {each["Fn::GetStackOutput"]["StackName"] for each in _read(everything)}
    rules = [
        rule
        for plan in properties(template, "AWS::Backup::BackupPlan")
        for rule in plan["BackupPlan"]["BackupPlanRule"]
        if rule["RuleName"] == "daily"
    ]
    assert [("cron(0 0 * * ? *)", {"DeleteAfterDays": 30})] == [
        (rule["ScheduleExpression"], rule["Lifecycle"]) for rule in rules
    ]


def _read(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict) and "Fn::GetStackOutput" in each]


@every_row
def test_R2_copies_go_to_the_vault_of_the_site_that_waits(row: Row) -> None:
    """It is there under that name, locked like the active one's; the active site's template reads nothing of it."""
    there = STAND_IN if row[0] == HOME else HOME
    actions_of = [
        action["DestinationBackupVaultArn"]
        for plan in properties(_backup(row), "AWS::Backup::BackupPlan")
        for rule in plan["BackupPlan"]["BackupPlanRule"]
        for action in rule.get("CopyActions", [])
    ]
    vault = only(waiting(row)["backup"].template, VAULT)
    assert [f"arn:aws:backup:{there}:123456789012:backup-vault:{vault['BackupVaultName']}"] == actions_of
    assert only(_backup(row), VAULT)["LockConfiguration"] == vault["LockConfiguration"]
    others = {stack.name for stack in waiting(row).values()}
    assert set() == {name for name in others if f'"{name}"' in json.dumps(_backup(row))}


@every_row
def test_R2_where_a_site_waits_nothing_is_taken_and_what_was_taken_ends(row: Row) -> None:
    """The vault, its key, the role that removes recovery points when their time is over, and the logs."""
    template = waiting(row)["backup"].template
    assert {
        VAULT,
        "AWS::KMS::Key",
        "AWS::KMS::Alias",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::Lambda::LayerVersion",
        "AWS::Logs::LogGroup",
    } == _kinds(template)
    (role,) = properties(template, "AWS::IAM::Role")
    assert "backup.amazonaws.com" == role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
    allowed = {action for _, statement in statements(template) for action in actions(statement)}
    assert {"rds:DeleteDBSnapshot", "backup:CopyIntoBackupVault"} <= allowed


@every_row
def test_R2_both_sites_have_the_same_logs_of_backups(row: Row) -> None:
    """Under the same construct IDs: a log that is kept does not stop the site from becoming active again."""
    here, there = (resources(site["backup"].template, "AWS::Logs::LogGroup") for site in (active(row), waiting(row)))
    assert 10 == len(here) == len(there)
    names = [sorted(each["Properties"]["LogGroupName"] for each in logs) for logs in (here, there)]
    assert names[0] == names[1]
    identities = [
        {
            logical_id
            for logical_id, each in site["backup"].template["Resources"].items()
            if each["Type"] == "AWS::Logs::LogGroup"
        }
        for site in (active(row), waiting(row))
    ]
    assert identities[0] == identities[1]


@every_row
def test_R2_the_copies_key_is_one_that_the_role_may_use(row: Row) -> None:
    """The role knows the alias of the other region's key, and that key has it."""
    alias = only(waiting(row)["backup"].template, "AWS::KMS::Alias")["AliasName"]
    there = STAND_IN if row[0] == HOME else HOME
    granted = [
        statement
        for _, statement in statements(_backup(row))
        if "kms:CreateGrant" in actions(statement)
        and f"arn:aws:kms:{there}:123456789012:key/*" in json.dumps(statement)
    ]
    (statement,) = granted
    assert alias == statement["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"]
