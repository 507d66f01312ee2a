"""Each engine with each strategy it has: what the services stack says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from released import COMBINATIONS, deployment, released
from service_template import SERVICE, TRAFFIC
from synthesis import templates
from template import Properties, Template, only, properties, resources

GROUP = "AWS::CodeDeploy::DeploymentGroup"
CONFIG = "AWS::CodeDeploy::DeploymentConfig"
DEPLOYMENT = "Custom::EcsDeployment"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"

SAMPLED = {("codedeploy", "canary"), ("ecs", "linear")}
SHIFTING = [pair for pair in COMBINATIONS if pair[1] != "rolling"]


def each(combinations: list[tuple[str, str]]) -> list[Any]:
    """All of them in full, two in `make test`."""
    return [pytest.param(*one, marks=[] if one in SAMPLED else [pytest.mark.full]) for one in combinations]


@pytest.mark.parametrize(("engine", "strategy"), each(list(COMBINATIONS)))
def test_D1_each_engine_synthesizes_each_strategy_it_has(engine: str, strategy: str) -> None:
    """One service, the controller of its engine, and two target groups unless tasks are replaced one by one."""
    template = released(engine, strategy)
    service = only(template, SERVICE)
    assert {"codedeploy": "CODE_DEPLOY", "ecs": "ECS"}[engine] == service["DeploymentController"]["Type"]
    groups = properties(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert (1 if strategy == "rolling" else 2) == len(groups)
    assert (1 if engine == "codedeploy" else 0) == len(resources(template, DEPLOYMENT))


@pytest.mark.parametrize(("engine", "strategy"), each(list(COMBINATIONS)))
def test_D4_no_rule_of_cloudformations_own_leads_to_a_service(engine: str, strategy: str) -> None:
    """Such a rule's action would be set back to the template's with an update, in the middle of a shift (aws-cdk#36649)."""
    template = released(engine, strategy)
    assert not resources(template, LISTENER_RULE)
    for listener in properties(template, "AWS::ElasticLoadBalancingV2::Listener"):
        assert ["fixed-response"] == [action["Type"] for action in listener["DefaultActions"]]
    rules = only(template, TRAFFIC)["Rules"]
    assert not [rule for rule in rules if {"Actions", "Weight"} & set(rule)]


@pytest.mark.parametrize(("engine", "strategy"), each(SHIFTING))
def test_D4_each_rule_has_a_twin_on_the_test_listener(engine: str, strategy: str) -> None:
    """With the same conditions and target groups: what is tested is what users will meet."""
    template = released(engine, strategy)
    rules = only(template, TRAFFIC)["Rules"]
    users = {rule["Key"]: rule for rule in rules if rule["Test"] == "false"}
    tests = {rule["Key"]: rule for rule in rules if rule["Test"] == "true"}
    assert {f"Test{key}" for key in users} == set(tests)
    for key, rule in users.items():
        twin = tests[f"Test{key}"]
        assert rule["ListenerArn"] != twin["ListenerArn"]
        same = ("Conditions", "Priority", "BlueArn", "GreenArn")
        assert [rule[part] for part in same] == [twin[part] for part in same]
        assert rule["BlueArn"] != rule["GreenArn"]


def test_D4_a_rolling_service_has_one_target_group_and_no_test_rule() -> None:
    """There is nothing to shift between."""
    rules = only(released("ecs", "rolling"), TRAFFIC)["Rules"]
    assert [("false", "")] == [(rule["Test"], rule["GreenArn"]) for rule in rules]


@pytest.mark.parametrize(("engine", "strategy"), each(list(COMBINATIONS)))
def test_D4_everything_about_a_service_comes_after_its_guard(engine: str, strategy: str) -> None:
    """The guard refuses while a shift is under way; what CloudFormation had changed before would be changed already."""
    template = released(engine, strategy)
    (guard,) = [name for name, one in template["Resources"].items() if one["Type"] == TRAFFIC]
    for kind in (SERVICE, GROUP, DEPLOYMENT):
        for resource in resources(template, kind):
            assert guard in _before(template, resource)


@pytest.mark.parametrize(("engine", "strategy"), each(SHIFTING))
def test_D4_hooks_find_the_plan_of_the_version_they_examine(engine: str, strategy: str) -> None:
    """An ECS service runs its hooks while it is updated itself, so the plan is written before and asks nothing of it."""
    template = released(engine, strategy)
    plans = {name for name, one in template["Resources"].items() if one["Type"] == "AWS::SSM::Parameter"}
    (released_by,) = resources(template, DEPLOYMENT if engine == "codedeploy" else SERVICE)
    assert plans & _before(template, released_by)


def _before(template: Template, resource: Properties) -> set[str]:
    """Logical IDs of everything that CloudFormation brings there before `resource`."""
    found: set[str] = set()
    waiting = [resource]
    while waiting:
        one = waiting.pop()
        named = one.get("DependsOn", [])
        text = json.dumps(one.get("Properties", {}))
        referred = {name for name in template["Resources"] if f'"{name}"' in text or f"${{{name}" in text}
        new = (set([named] if isinstance(named, str) else named) | referred) - found
        found |= new
        waiting += [template["Resources"][name] for name in new]
    return found


@pytest.mark.parametrize(
    ("env", "controller", "how"),
    [
        ("prod", "CODE_DEPLOY", "TimeBasedCanary"),
        ("staging", "CODE_DEPLOY", "AllAtOnce"),
        ("dev", "ECS", "ROLLING"),
        ("preview", "ECS", "ROLLING"),
    ],
)
def test_D1_each_environment_has_its_default(
    synthesized: Callable[[str, str], dict[str, Template]], env: str, controller: str, how: str
) -> None:
    """CodeDeploy's canary in production, its blue-green in staging, task by task where people develop."""
    template = synthesized("generator-platform", env)["services"]
    assert {controller} == {service["DeploymentController"]["Type"] for service in properties(template, SERVICE)}
    steps = {config["TrafficRoutingConfig"]["Type"] for config in properties(template, CONFIG)}
    strategies = {
        service.get("DeploymentConfiguration", {}).get("Strategy") for service in properties(template, SERVICE)
    }
    assert {how} == (steps or strategies)


# --- what the image is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("engine", "strategy"), each(list(COMBINATIONS)))
def test_D1_a_new_digest_changes_the_task_definition_and_nothing_else(engine: str, strategy: str) -> None:
    """So no other deploy brings an old image back, and a release does nothing but release. The deployment follows by its
    reference to the task definition, whose revision is a new one.
    """
    before = deployment(engine, strategy)
    images = {"web": "sha256:" + "c" * 64}
    changed = templates(before.model_copy(update={"images": images}))["services"]["Resources"]
    resources_before = released(engine, strategy)["Resources"]
    assert set(resources_before) == set(changed)
    different = [name for name, one in resources_before.items() if one != changed[name]]
    assert ["AWS::ECS::TaskDefinition"] == [changed[name]["Type"] for name in different]
    deploying = [one for one in changed.values() if one["Type"] in {DEPLOYMENT, SERVICE}]
    following = [one for one in deploying if json.dumps({"Ref": different[0]}) in json.dumps(one["Properties"])]
    assert [DEPLOYMENT if engine == "codedeploy" else SERVICE] == [one["Type"] for one in following]


@pytest.mark.parametrize(("engine", "strategy"), each(SHIFTING))
def test_D1_no_service_that_shifts_before_its_first_image(engine: str, strategy: str) -> None:
    """An engine would take the first release for a change from a version that cannot start. Rules and target groups are
    there, and the registry to push to.
    """
    template = templates(deployment(engine, strategy).model_copy(update={"images": {}}))["services"]
    assert not resources(template, SERVICE)
    assert not resources(template, GROUP)
    assert not resources(template, DEPLOYMENT)
    assert only(template, TRAFFIC)["Rules"]
