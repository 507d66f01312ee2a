"""What makes a waiting region the active one: a state machine, its functions, its eyes, and what starts it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from synthesis import templates
from template import ROOT, Template, only, properties
from variant import varied

from failover.models import Plan
from rehearsal.emulator.engines.state_machine import refused
from spec import load

HOME, STAND_IN, THIRD = "us-west-2", "us-east-1", "us-east-2"
PREFIX = "storefront-prod"
SERVICES = load(ROOT / "apps" / "storefront.yaml").for_environment("prod").services


def standing_in(data: dict[str, Any]) -> None:
    """With a witness, failing over by itself, half of the tasks there, and files."""
    data["recovery"] = {
        "strategy": "warm_standby",
        "region": STAND_IN,
        "witness_region": THIRD,
        "failover": "automatic",
    }
    data["storage"] = {**(data.get("storage") or {}), "files": {}}


@pytest.fixture(scope="session")
def stacks() -> dict[str, Template]:
    """Production with a stand-in and a witness."""
    return templates(varied("storefront", "prod", standing_in))


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "REFERENCE" for part in value["Fn::Join"][1])


def _machine(template: Template) -> dict[str, Any]:
    (machine,) = (
        each
        for each in properties(template, "AWS::StepFunctions::StateMachine")
        if each.get("StateMachineName") == f"{PREFIX}-failover"
    )
    return {**machine, "Definition": json.loads(_joined(machine["DefinitionString"]))}


def _functions(template: Template) -> dict[str, dict[str, Any]]:
    """By the name in the log."""
    return {
        name: each
        for each in properties(template, "AWS::Lambda::Function")
        if (name := each.get("Environment", {}).get("Variables", {}).get("POWERTOOLS_SERVICE_NAME", "")).startswith(
            "failover-"
        )
    }


@pytest.mark.parametrize("stack", ["recovery", "standin-recovery"])
def test_R5_each_site_has_a_state_machine_that_a_person_can_start(stacks: dict[str, Template], stack: str) -> None:
    """By its name; and the point of no return has one in it."""
    machine = _machine(stacks[stack])
    assert "STANDARD" == machine["StateMachineType"]
    states = machine["Definition"]["States"]
    assert "Promote" == states["PointOfNoReturn"]["Next"]
    assert "no way back" in states["PointOfNoReturn"]["Comment"]


def test_R5_its_definition_is_valid(stacks: dict[str, Template]) -> None:
    """Every state leads to one that is there, and can be reached; the interpreter understands all of it."""
    definition = _machine(stacks["standin-recovery"])["Definition"]
    assert [] == refused(definition)
    states = definition["States"]
    reached, waiting = set(), [definition["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += list(_following(states[name]))
    assert set(states) == reached
    ends = {name for name, state in states.items() if state["Type"] in {"Succeed", "Fail"}}
    assert {"FailedOver", "NotFailedOver", "NotUndone", "Stopped"} == ends


def _following(state: dict[str, Any]) -> Iterator[str]:
    for each in (state, *state.get("Choices", []), *state.get("Catch", [])):
        yield from (each[name] for name in ("Next", "Default") if name in each)


def test_R5_the_waiting_site_alone_looks_and_is_started_by_an_alarm(stacks: dict[str, Template]) -> None:
    """The active one's state machine is there for the day on which the two change places."""
    assert {"failover-control", "failover-database"} == set(_functions(stacks["recovery"]))
    waiting = _functions(stacks["standin-recovery"])
    assert {"failover-control", "failover-database", "failover-watch", "failover-start"} == set(waiting)
    assert [] == properties(stacks["recovery"], "AWS::CloudWatch::CompositeAlarm")
    alarm = only(stacks["standin-recovery"], "AWS::CloudWatch::CompositeAlarm")
    assert f"{PREFIX}-failover-lost-critical" == alarm["AlarmName"]
    assert (
        f'ALARM("{PREFIX}-failover-probe-lost-warning") OR ALARM("{PREFIX}-failover-guard-lost-warning")'
        == alarm["AlarmRule"]
    )
    assert 2 == len(alarm["AlarmActions"])
    assert f"{PREFIX}-failover-lost-critical" == waiting["failover-start"]["Environment"]["Variables"]["ALARM_NAME"]


def test_R5_the_plan_has_the_active_sites_numbers(stacks: dict[str, Template]) -> None:
    """Though the waiting site runs half as many, and what the function reads is what it understands."""
    values = {each["Name"]: each["Value"] for each in properties(stacks["standin-recovery"], "AWS::SSM::Parameter")}
    plan = msgspec.json.decode(_joined(values[f"/{PREFIX}/failover"]), type=Plan)
    web = SERVICES["web"]
    (service,) = plan.services
    assert ("web", web.replicas) == (service.name, service.desired)
    assert 1 <= service.least <= service.desired <= service.maximum
    assert (False, True) == (plan.approval, plan.watching.witness)
    assert plan.database is not None
    assert f"{PREFIX}-db-2" == plan.database.identifier
    assert {"GET"} == {test.method for test in plan.smoke_tests}
    assert plan.files is not None
    assert 300 == plan.files.patience_seconds


def test_R5_functions_lie_where_they_have_to(stacks: dict[str, Template]) -> None:
    """Those that ask the database in the VPC; the one that switches traffic can sign for every region."""
    functions = _functions(stacks["standin-recovery"])
    in_vpc = {name for name, each in functions.items() if "VpcConfig" in each}
    assert {"failover-database", "failover-watch"} == in_vpc
    assert {"failover-control"} == {name for name, each in functions.items() if len(each["Layers"]) == 2}
    store = functions["failover-control"]["Environment"]["Variables"]["KEY_VALUE_STORE_ARN"]
    assert f"{{{{resolve:ssm:/{PREFIX}/routing-store}}}}" == store


def test_R8_alarms_say_that_somebody_has_to_look(stacks: dict[str, Template]) -> None:
    """An execution that failed, was stopped, asks a person or takes too long; eyes that are shut."""
    alarms = {
        each["AlarmName"].removeprefix(f"{PREFIX}-"): each
        for each in properties(stacks["standin-recovery"], "AWS::CloudWatch::Alarm")
    }
    assert {
        "failover-unfinished-warning",
        "failover-aborted-critical",
        "failover-asks-critical",
        "failover-long-critical",
        "failover-watch-silent-critical",
        "failover-probe-lost-warning",
        "failover-guard-lost-warning",
    } <= set(alarms)
    assert (10, "ignore") == tuple(
        alarms["failover-probe-lost-warning"][each] for each in ("Period", "TreatMissingData")
    )


def test_R4_the_stand_in_reads_nothing_of_the_other_region(stacks: dict[str, Template]) -> None:
    """But the name of the other table, and of the witness's; which region is active, it is told."""
    text = json.dumps(stacks["standin-recovery"])
    assert f'"StackName": "{PREFIX}-standin-' in text
    for known in (
        f":dynamodb:{HOME}:",
        f":kms:{HOME}:",
        f"dynamodb.{HOME}.amazonaws.com",
        f'"PEER_REGION": "{HOME}"',
        f'\\"peer_region\\":\\"{HOME}\\"',
        f'\\"regions\\":[\\"{STAND_IN}\\",\\"{HOME}\\"',
        f'"ActiveRegion": "{HOME}"',
    ):
        assert known in text
        text = text.replace(known, "")
    assert HOME not in text
