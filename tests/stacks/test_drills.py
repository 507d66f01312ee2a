"""Requirement R6: drills of a failover in the templates: what they may touch, what begins them, and who hears of them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from synthesis import templates
from template import Template, properties
from variant import varied

from failover.drill import look
from failover.drill.models import Plan
from rehearsal.emulator.engines.state_machine import refused
from spec import load
from spec.problem import SpecError
from understudy.drill_workflow import STEPS

PREFIX = "storefront-prod"
RECOVERY = {"strategy": "warm_standby", "region": "us-east-1", "witness_region": "us-east-2"}


def standing_in(data: dict[str, Any]) -> None:
    """With drills each fortnight, in the afternoon."""
    data["recovery"] = {**RECOVERY, "drill_days": 14, "drill_time": "13:30"}


@pytest.fixture(scope="module")
def stacks() -> dict[str, Template]:
    """Production with a stand-in."""
    return templates(varied("storefront", "prod", standing_in))


@pytest.fixture
def waiting(stacks: dict[str, Template]) -> Template:
    """The recovery stack of the site that waits."""
    return stacks["standin-recovery"]


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "REFERENCE" for part in value["Fn::Join"][1])


def _plan(template: Template) -> Plan:
    values = {each["Name"]: each["Value"] for each in properties(template, "AWS::SSM::Parameter")}
    return msgspec.json.decode(_joined(values[f"/{PREFIX}/drill"]), type=Plan)


def _functions(template: Template) -> dict[str, Any]:
    return {
        name: each
        for each in properties(template, "AWS::Lambda::Function")
        if (name := each["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]).startswith("drill-")
    }


def _policy(template: Template, description: str) -> list[dict[str, Any]]:
    (found,) = (
        each["PolicyDocument"]["Statement"]
        for each in properties(template, "AWS::IAM::ManagedPolicy")
        if each.get("Description") == description
    )
    return list(found)


def test_R6_the_plan_is_what_the_functions_understand(waiting: Template) -> None:
    """The active site's database is what backups are looked for of; every part of the recovery time has its seconds."""
    plan = _plan(waiting)
    assert (14, f"{PREFIX}-db", f"{PREFIX}-drill", f"{PREFIX}-drill-replica") == (
        plan.days,
        plan.source,
        plan.copy,
        plan.replica,
    )
    assert {"promotion", "lag gate", "opening", "verification", "lease"} <= {term.what for term in plan.terms}
    assert 0 < min(term.seconds for term in plan.terms)


@pytest.mark.parametrize("stack", ["recovery", "standin-recovery"])
def test_R6_both_sites_can_remove_what_a_drill_left(stacks: dict[str, Template], stack: str) -> None:
    """Whichever is active by then; the active one's state machine refuses to begin."""
    assert {"drill-control", "drill-inside", "drill-clock"} == set(_functions(stacks[stack]))
    rules = {
        each["ScheduleExpression"]: each["Targets"][0]["Input"]
        for each in properties(stacks[stack], "AWS::Events::Rule")
    }
    assert '{"hold":true}' == rules["cron(30 13 * * ? *)"]
    assert "rate(1 hour)" in rules


def test_R6_the_waiting_site_alone_rings_when_one_is_late(stacks: dict[str, Template]) -> None:
    """A week beyond the rhythm, or when nobody counts any more."""
    alarms = {each["AlarmName"]: each for each in properties(stacks["standin-recovery"], "AWS::CloudWatch::Alarm")}
    late = alarms[f"{PREFIX}-drill-late-warning"]
    assert (21, "breaching") == (late["Threshold"], late["TreatMissingData"])
    assert {f"{PREFIX}-drill-missed-warning", f"{PREFIX}-drill-left-warning"} <= set(alarms)
    home = {each["AlarmName"] for each in properties(stacks["recovery"], "AWS::CloudWatch::Alarm")}
    assert {f"{PREFIX}-drill-left-warning", f"{PREFIX}-drill-unfinished-warning"} <= home
    assert not {f"{PREFIX}-drill-late-warning", f"{PREFIX}-drill-missed-warning"} & home


def test_R6_no_function_of_a_drill_may_change_anything_that_is_not_a_drills(waiting: Template) -> None:
    """Of databases two by their names; of services, lease, traffic and production's logins nothing at all."""
    changed: set[str] = set()
    for what in ("steps of a drill that AWS's APIs do", "steps of a drill that ask databases and tasks"):
        for statement in _policy(waiting, f"{PREFIX}: {what}"):
            for action in statement["Action"]:
                assert action not in {"ecs:UpdateService", "cloudfront-keyvaluestore:PutKey", "dynamodb:DeleteItem"}
                if action.startswith("rds:") and "Describe" not in action:
                    changed |= {
                        _joined(each).rsplit(":db:", 1)[-1] for each in statement["Resource"] if ":db:" in _joined(each)
                    }
    assert {f"{PREFIX}-drill", f"{PREFIX}-drill-replica"} == changed


def test_R6_tasks_of_a_drill_reach_the_copy_and_no_store_of_production(stacks: dict[str, Template]) -> None:
    """By their security group; by name they know no other address either, and their role allows nothing."""
    network = stacks["standin-network"]["Resources"]
    (name,) = (
        key
        for key, each in network.items()
        if each["Type"] == "AWS::EC2::SecurityGroup"
        and each["Properties"]["GroupDescription"].endswith(": tasks of a drill")
    )
    egress = [
        each["Properties"]["DestinationSecurityGroupId"]["Fn::GetAtt"][0]
        for each in network.values()
        if each["Type"] == "AWS::EC2::SecurityGroupEgress" and each["Properties"]["GroupId"]["Fn::GetAtt"][0] == name
    ]
    assert all("drilled" in each or "endpoints" in each for each in egress)
    assert any("drilled" in each for each in egress)
    (task,) = properties(stacks["standin-recovery"], "AWS::ECS::TaskDefinition")
    (container,) = task["ContainerDefinitions"]
    told = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert {"drill.invalid"} == {told[each] for each in ("DATABASE_HOST", "DATABASE_READER_HOSTS", "CACHE_HOST")}
    role = stacks["standin-recovery"]["Resources"][task["TaskRoleArn"]["Fn::GetAtt"][0]]["Properties"]
    assert not role.get("ManagedPolicyArns")
    assert not role.get("Policies")


def test_R6_only_the_drills_tasks_and_functions_reach_the_copy(stacks: dict[str, Template]) -> None:
    """Nobody else is let in."""
    network = stacks["standin-network"]["Resources"]
    sources = [
        each["Properties"]["SourceSecurityGroupId"]["Fn::GetAtt"][0]
        for each in network.values()
        if each["Type"] == "AWS::EC2::SecurityGroupIngress"
        and "drilled" in each["Properties"]["GroupId"]["Fn::GetAtt"][0]
    ]
    assert 2 == len(sources)
    assert all("drill" in each or "recovery" in each for each in sources)


def test_R6_the_workflow_is_valid_and_always_removes(waiting: Template) -> None:
    """Every way to an end leads through a removal; every step has its time."""
    (machine,) = (
        each
        for each in properties(waiting, "AWS::StepFunctions::StateMachine")
        if each.get("StateMachineName") == f"{PREFIX}-drill"
    )
    definition = json.loads(_joined(machine["DefinitionString"]))
    assert [] == refused(definition)
    states = definition["States"]

    def following(name: str) -> set[str]:
        state = states[name]
        parts = [state, *state.get("Choices", []), *state.get("Catch", [])]
        return {part[key] for part in parts for key in ("Next", "Default") if key in part}

    reached, waiting_for = set(), [definition["StartAt"]]
    while waiting_for:
        name = waiting_for.pop()
        if name not in reached and name not in {"Remove", "CleanUp"}:
            reached.add(name)
            waiting_for += following(name)
    assert not {"Held", "NotHeld"} & reached
    assert {step for step, _ in STEPS} | {"remove", "note", "report"} == set(look.LIMITS)
    assert sum(look.LIMITS.values()) < definition["TimeoutSeconds"]


def test_R6_the_trend_stands_on_the_dashboard_of_the_waiting_site(stacks: dict[str, Template]) -> None:
    """A year of it, with what is promised as a line."""
    (board,) = properties(stacks["standin-observability"], "AWS::CloudWatch::Dashboard")
    widgets = json.loads(_joined(board["DashboardBody"]))["widgets"]
    graphs = {each["properties"]["title"]: each["properties"] for each in widgets if each["type"] == "metric"}
    assert "-P365D" == graphs["Recovery time"]["start"]
    assert [900] == [each["value"] for each in graphs["Recovery time"]["annotations"]["horizontal"]]
    assert "DrillRecoverySeconds" == graphs["Recovery time"]["metrics"][0][1]
    (home,) = properties(stacks["observability"], "AWS::CloudWatch::Dashboard")
    assert "Drills of a failover" not in _joined(home["DashboardBody"])


def test_R6_a_drill_without_copies_of_backups_is_refused() -> None:
    """With what would be right."""

    def uncopied(data: dict[str, Any]) -> None:
        data["recovery"] = RECOVERY
        data["backup"] = {"copies": None}

    with pytest.raises(SpecError) as refusal:
        varied("storefront", "prod", uncopied)
    (problem,) = refusal.value.problems
    assert "recovery.drill_days" == problem.path
    assert "`drill_days: null`" in problem.remedy


def test_R6_without_copies_nothing_is_drilled() -> None:
    """Where the spec says so."""

    def undrilled(data: dict[str, Any]) -> None:
        data["recovery"] = {**RECOVERY, "drill_days": None}
        data["backup"] = {"copies": None}

    assert not varied("storefront", "prod", undrilled).drilled
    assert load("apps/storefront.yaml").for_environment("dev").drilled is False
