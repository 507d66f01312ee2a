"""Releases by ECS itself."""

from __future__ import annotations

import json
from math import ceil
from typing import Any

import pytest
from released import deployment, released
from service_template import SERVICE, TRAFFIC
from synthesis import templates
from template import Properties, actions, only, properties
from variant import Data, varied

from spec.release import HOOKS, BreakGlass
from spec.release_times import hook_limit_seconds

STAGES = [
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
]


def configuration(strategy: str) -> Properties:
    """How the service is deployed."""
    found: Properties = only(released("ecs", strategy), SERVICE)["DeploymentConfiguration"]
    return found


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        pytest.param("rolling", {"Strategy": "ROLLING"}, marks=pytest.mark.full),
        pytest.param("blue_green", {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 2}, marks=pytest.mark.full),
        pytest.param(
            "canary",
            {
                "Strategy": "CANARY",
                "BakeTimeInMinutes": 0,
                "CanaryConfiguration": {"CanaryPercent": 10, "CanaryBakeTimeInMinutes": 2},
            },
            marks=pytest.mark.full,
        ),
        (
            "linear",
            {
                "Strategy": "LINEAR",
                "BakeTimeInMinutes": 0,
                "LinearConfiguration": {"StepPercent": 34, "StepBakeTimeInMinutes": 1},
            },
        ),
    ],
)
def test_D1_strategy_and_steps_are_the_specs(strategy: str, expected: Properties) -> None:
    """And new tasks stand beside all the old ones."""
    found = configuration(strategy)
    chosen = {"Strategy", "BakeTimeInMinutes", "CanaryConfiguration", "LinearConfiguration"}
    assert expected == {key: value for key, value in found.items() if key in chosen}
    assert (100, 200) == (found["MinimumHealthyPercent"], found["MaximumPercent"])


def test_D2_five_stages_call_their_hooks() -> None:
    """Each its own function, which learns the service, and is waited for no longer than the spec says."""
    hooks = configuration("linear")["LifecycleHooks"]
    assert [[stage] for stage in STAGES] == [hook["LifecycleStages"] for hook in hooks]
    assert 5 == len({json.dumps(hook["HookTargetArn"]) for hook in hooks})
    assert {'{"service": "web"}'} == {hook["HookDetails"] for hook in hooks}
    service = deployment("ecs", "linear").services["web"]
    minutes = [ceil(hook_limit_seconds(service, hook) / 60) for hook in HOOKS]
    assert [{"Action": "ROLLBACK", "TimeoutInMinutes": each} for each in minutes] == [
        hook["TimeoutConfiguration"] for hook in hooks
    ]


@pytest.mark.full
def test_D2_a_rolling_update_has_no_hooks() -> None:
    """ECS knows none there."""
    assert "LifecycleHooks" not in configuration("rolling")


@pytest.mark.parametrize(
    ("strategy", "colours"), [pytest.param("rolling", {"blue"}, marks=pytest.mark.full), ("linear", {"blue", "green"})]
)
def test_D3_alarms_and_tasks_that_do_not_start_take_the_release_back(strategy: str, colours: set[str]) -> None:
    """Of every target group there is."""
    found = configuration(strategy)
    assert {"Enable": True, "Rollback": True} == found["DeploymentCircuitBreaker"]
    alarms = found["Alarms"]
    assert (True, True) == (alarms["Enable"], alarms["Rollback"])
    whats = ("errors", "response-time", "unhealthy")
    expected = {f"storefront-prod-web-release-{what}-{colour}" for what in whats for colour in colours}
    assert expected == set(alarms["AlarmNames"])


def test_D3_broken_glass_is_visible_and_asks_no_alarm() -> None:
    """Who answers for it, and why, stand in the template."""
    glass = {"web": BreakGlass(by="ada@example.com", because="the old version is what is broken")}
    spec = deployment("ecs", "linear").model_copy(update={"break_glass": glass})
    (service,) = [one for one in templates(spec)["services"]["Resources"].values() if one["Type"] == SERVICE]
    alarms = service["Properties"]["DeploymentConfiguration"]["Alarms"]
    assert (False, False) == (alarms["Enable"], alarms["Rollback"])
    assert {"By": "ada@example.com", "Because": "the old version is what is broken"} == service["Metadata"][
        "BreakGlass"
    ]


def test_D1_ecs_shifts_one_rule_of_users_and_one_of_tests() -> None:
    """By their ARNs, which the guard of the rules knows; with the second target group, and a role for just that."""
    template = released("ecs", "linear")
    (balancer,) = only(template, SERVICE)["LoadBalancers"]
    advanced = balancer["AdvancedConfiguration"]
    keys = {rule["Test"]: rule["Key"] for rule in only(template, TRAFFIC)["Rules"]}
    assert f"{keys['false']}Arn" == advanced["ProductionListenerRule"]["Fn::GetAtt"][1]
    assert f"{keys['true']}Arn" == advanced["TestListenerRule"]["Fn::GetAtt"][1]
    assert balancer["TargetGroupArn"] != advanced["AlternateTargetGroupArn"]
    assert advanced["RoleArn"]


def test_D1_users_and_callers_have_a_pair_of_target_groups_each() -> None:
    """ECS shifts one rule for each pair."""

    def change(data: Data) -> None:
        data["services"]["api"]["release"]["engine"] = "ecs"
        data["objectives"] = {"deploy_minutes": None, "rollback_minutes": None}

    template = templates(varied("generator-platform", "prod", change))["services"]
    (api,) = [one for one in properties(template, SERVICE) if one["ServiceName"] == "api"]
    rules = {
        json.dumps(balancer["AdvancedConfiguration"][rule])
        for balancer in api["LoadBalancers"]
        for rule in ("ProductionListenerRule", "TestListenerRule")
    }
    groups = {
        json.dumps(arn)
        for balancer in api["LoadBalancers"]
        for arn in (balancer["TargetGroupArn"], balancer["AdvancedConfiguration"]["AlternateTargetGroupArn"])
    }
    assert (2, 4, 4) == (len(api["LoadBalancers"]), len(rules), len(groups))


def test_S7_ecs_may_shift_this_service_alone() -> None:
    """Its rules, its target groups, its hooks; nothing of the managed policy's whole account."""
    (policy,) = [
        one
        for one in properties(released("ecs", "linear"), "AWS::IAM::ManagedPolicy")
        if one["Description"] == "ECS shifts requests to web"
    ]
    found: dict[str, list[Any]] = {
        action: statement["Resource"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in actions(statement)
    }
    numbers = {
        "elasticloadbalancing:ModifyRule": 2,
        "elasticloadbalancing:RegisterTargets": 2,
        "elasticloadbalancing:DeregisterTargets": 2,
        "lambda:InvokeFunction": 5,
    }
    assert numbers == {action: len(found[action]) for action in numbers}
    assert not [action for action in numbers if "*" in json.dumps(found[action])]
