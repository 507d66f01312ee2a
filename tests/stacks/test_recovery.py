"""Who may write: tables in three regions, and a guard in both sites."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sites import ROWS, Row, built
from synthesis import templates
from template import Template, only, properties, statements
from variant import varied

from understudy.stack_hook import alias

HOME, STAND_IN, THIRD = "us-west-2", "us-east-1", "us-east-2"
PREFIX = "storefront-prod"
SITES = {"recovery": (HOME, STAND_IN), "standin-recovery": (STAND_IN, HOME)}


@pytest.fixture(scope="session")
def witnessed(synthesized: Callable[[str, str], dict[str, Template]]) -> dict[str, Template]:
    """Production with a stand-in and a witness."""
    return synthesized("storefront", "prod")


def _guard(template: Template) -> dict[str, Any]:
    (variables,) = (
        each["Environment"]["Variables"]
        for each in properties(template, "AWS::Lambda::Function")
        if "GUARD" in each.get("Environment", {}).get("Variables", {})
    )
    return json.loads(_joined(variables["GUARD"]))  # type: ignore[no-any-return]


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "REFERENCE" for part in value["Fn::Join"][1])


def _outputs(value: Any) -> Iterator[dict[str, str]]:
    """Every stack's output that a template reads."""
    if isinstance(value, list):
        for each in value:
            yield from _outputs(each)
    elif isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            yield value["Fn::GetStackOutput"]
        for each in value.values():
            yield from _outputs(each)


def test_R2_tables_of_one_name_in_three_regions(witnessed: dict[str, Template]) -> None:
    """Encrypted, protected, recoverable, and with an end for items that have one."""
    for stack in (*SITES, "witness"):
        table = only(witnessed[stack], "AWS::DynamoDB::Table")
        assert f"{PREFIX}-recovery" == table["TableName"]
        assert [{"AttributeName": "item", "KeyType": "HASH"}] == table["KeySchema"]
        assert ("PAY_PER_REQUEST", True) == (table["BillingMode"], table["DeletionProtectionEnabled"])
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert {"AttributeName": "expires_at", "Enabled": True} == table["TimeToLiveSpecification"]
        assert ("KMS", True) == (table["SSESpecification"]["SSEType"], table["SSESpecification"]["SSEEnabled"])


def test_R2_the_witness_is_a_table_and_its_key(witnessed: dict[str, Template]) -> None:
    """Nothing that could fail, and nothing that reads another region."""
    kinds = {resource["Type"] for resource in witnessed["witness"]["Resources"].values()}
    assert {"AWS::DynamoDB::Table", "AWS::KMS::Alias", "AWS::KMS::Key"} == kinds - {"AWS::CDK::Metadata"}
    assert f"alias/{PREFIX}/witness" == only(witnessed["witness"], "AWS::KMS::Alias")["AliasName"]


@pytest.mark.parametrize("stack", SITES)
def test_R2_each_guard_knows_both_regions_and_its_own_database(witnessed: dict[str, Template], stack: str) -> None:
    """The spec says who begins."""
    region, peer = SITES[stack]
    guard = _guard(witnessed[stack])
    assert (region, peer, THIRD) == (guard["region"], guard["peer_region"], guard["witness_region"])
    assert (stack == "recovery") is guard["active"]
    assert (5, 45, True) == (guard["heartbeat_seconds"], guard["lease_seconds"], guard["stands_in"])
    assert "application" == guard["database"]["user"]


@pytest.mark.parametrize("stack", SITES)
def test_R2_a_site_reads_no_stack_of_the_other(witnessed: dict[str, Template], stack: str) -> None:
    """The tables elsewhere are known by name, their keys by alias."""
    read = {each["StackName"].removeprefix(f"{PREFIX}-") for each in _outputs(witnessed[stack])}
    assert read
    assert all(name.startswith("standin-") is (stack != "recovery") for name in read), read
    _, peer = SITES[stack]
    granted = {
        tuple(each["Action"]): [_joined(table).split(":dynamodb:")[1].split(":")[0] for table in each["Resource"]]
        for _, each in statements(witnessed[stack])
        if isinstance(each.get("Resource"), list) and len(each["Resource"]) > 1 and "dynamodb:GetItem" in each["Action"]
    }
    elsewhere = [peer, THIRD]
    assert elsewhere == granted["dynamodb:GetItem", "dynamodb:PutItem"], "the guard's"
    assert elsewhere == granted["dynamodb:GetItem",], "the hook's"


@pytest.mark.parametrize("stack", SITES)
def test_R2_the_guard_looks_all_the_time(witnessed: dict[str, Template], stack: str) -> None:
    """Each minute an execution begins that lasts longer than two; whatever comes of a look, the next one follows."""
    (schedule,) = (
        each for each in properties(witnessed[stack], "AWS::Scheduler::Schedule") if "may write" in each["Description"]
    )
    assert ("rate(1 minute)", "OFF") == (schedule["ScheduleExpression"], schedule["FlexibleTimeWindow"]["Mode"])
    ((machine, definition),) = (
        (each, found)
        for each in properties(witnessed[stack], "AWS::StepFunctions::StateMachine")
        if "may write" in (found := json.loads(_joined(each["DefinitionString"])))["Comment"]
    )
    assert "EXPRESS" == machine["StateMachineType"]
    assert 240 == definition["TimeoutSeconds"]
    assert {"Type": "Wait", "Seconds": 5, "Next": "Ask"} == definition["States"]["Failed"]
    assert {"started.$": "$$.Execution.StartTime"} == definition["States"]["Ask"]["Parameters"]["Payload"]


def test_R2_guards_reach_the_database_and_443_alone(witnessed: dict[str, Template]) -> None:
    """From a group of their own."""
    for stack in ("network", "standin-network"):
        egress = [
            (each["FromPort"], each["Description"])
            for each in properties(witnessed[stack], "AWS::EC2::SecurityGroupEgress")
            if each["Description"] == "who may write"
        ]
        assert [(5432, "who may write")] == egress


@pytest.mark.parametrize("stack", SITES)
def test_R5_each_site_refuses_what_its_lease_contradicts(witnessed: dict[str, Template], stack: str) -> None:
    """Before an update of any of its stacks but the hook's own."""
    hook = only(witnessed[stack], "AWS::CloudFormation::LambdaHook")
    assert ("FAIL", "ENABLED", ["STACK"]) == (hook["FailureMode"], hook["HookStatus"], hook["TargetOperations"])
    assert {"Actions": ["UPDATE"]} == hook["TargetFilters"]
    belongs = {name for name in witnessed if name.startswith("standin-") is stack.startswith("standin-")}
    watched = {f"{PREFIX}-{name}" for name in belongs - {"edge", "witness", stack}}
    assert watched == set(hook["StackFilters"]["StackNames"]["Include"])
    function = witnessed[stack]["Resources"][hook["LambdaFunction"]["Fn::GetAtt"][0]]["Properties"]
    told = json.loads(_joined(function["Environment"]["Variables"]["HOOK"]))
    assert {"prefix": PREFIX, "regions": [*SITES[stack], THIRD]} == told
    assert function["Timeout"] < 30, "CloudFormation does not wait longer"


@pytest.mark.parametrize("row", [ROWS[0], ROWS[1]])
def test_R5_each_template_says_for_which_active_region_it_is_made(row: Row) -> None:
    """Without it the hook lets nothing through."""
    said = {stack.template["Metadata"]["Understudy"]["ActiveRegion"] for stack in built(row).values()}
    assert {row[0]} == said


def test_R5_templates_without_a_stand_in_say_it_too(synthesized: Callable[[str, str], dict[str, Template]]) -> None:
    """Recovery may be turned off while a hook of before is there, and only while home is active."""
    for template in synthesized("storefront", "dev").values():
        assert {"Understudy": {"ActiveRegion": HOME}} == template["Metadata"]


def test_R5_the_hook_has_a_name_of_its_own_in_the_account() -> None:
    """Three parts of letters and digits (CloudFormation, AWS::CloudFormation::LambdaHook)."""
    assert "Understudy::StorefrontProd::ActiveRegion" == alias("storefront-prod")
    assert "Understudy::GeneratorPlatformPr7::ActiveRegion" == alias("generator-platform-pr-7")


def test_R2_alarms_of_a_guard(witnessed: dict[str, Template]) -> None:
    """No look, a place that refuses, a fence, nothing that stands in."""
    for stack in SITES:
        names = {
            each["AlarmName"].removeprefix(f"{PREFIX}-")
            for each in properties(witnessed[stack], "AWS::CloudWatch::Alarm")
        }
        assert {
            "region-guard-late-critical",
            "region-guard-witness-refuses-warning",
            "region-guard-stand-in-refuses-warning",
            "region-guard-fenced-critical",
            "region-guard-nothing-stands-in-warning",
        } <= names


def test_R2_nothing_of_it_where_nothing_stands_in() -> None:
    """And no witness where the spec names none."""
    alone = templates(varied("storefront", "prod", lambda data: data.pop("recovery", None)))
    assert set() == {"recovery", "witness"} & set(alone)

    def unwitnessed(data: dict[str, Any]) -> None:
        data["recovery"] = {"strategy": "warm_standby", "region": STAND_IN}

    without = templates(varied("storefront", "prod", unwitnessed))
    assert "witness" not in without
    assert "witness_region" not in _guard(without["recovery"])
