"""Releases by CodeDeploy: its deployment group, and the deployment that CloudFormation starts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from released import deployment, released
from service_template import LISTENER, SERVICE
from synthesis import templates
from template import Properties, Template, actions, only, properties
from variant import Data, varied

from spec.release import BreakGlass

GROUP = "AWS::CodeDeploy::DeploymentGroup"
CONFIG = "AWS::CodeDeploy::DeploymentConfig"
DEPLOYMENT = "Custom::EcsDeployment"


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("canary", {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": 10, "CanaryInterval": 2}}),
        pytest.param(
            "linear",
            {"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearPercentage": 34, "LinearInterval": 1}},
            marks=pytest.mark.full,
        ),
        pytest.param("blue_green", {"Type": "AllAtOnce"}, marks=pytest.mark.full),
    ],
)
def test_D1_the_steps_are_the_specs(strategy: str, expected: Properties) -> None:
    """Those that AWS keeps ready take longer than five minutes."""
    config = only(released("codedeploy", strategy), CONFIG)
    assert "ECS" == config["ComputePlatform"]
    assert expected == config["TrafficRoutingConfig"]


def test_D1_one_application_and_a_group_for_each_service() -> None:
    """By names that hooks and people know."""
    template = templates(varied("generator-platform", "prod", lambda _: None))["services"]
    assert "generator-platform-prod" == only(template, "AWS::CodeDeploy::Application")["ApplicationName"]
    assert [f"generator-platform-prod-{name}" for name in ("web", "api", "generator")] == [
        group["DeploymentGroupName"] for group in properties(template, GROUP)
    ]


def test_D1_a_group_shifts_both_target_groups_on_the_listener_of_users_and_on_that_of_tests() -> None:
    """Whichever path a rule matches: all rules of the service lead to the same pair."""
    template = released("codedeploy", "canary")
    (pair,) = only(template, GROUP)["LoadBalancerInfo"]["TargetGroupPairInfoList"]
    assert 2 == len({json.dumps(group) for group in pair["TargetGroups"]})
    ports = {name: one["Properties"]["Port"] for name, one in template["Resources"].items() if one["Type"] == LISTENER}
    (users,) = pair["ProdTrafficRoute"]["ListenerArns"]
    (tests,) = pair["TestTrafficRoute"]["ListenerArns"]
    assert (443, 8443) == (ports[users["Ref"]], ports[tests["Ref"]])


@pytest.mark.parametrize(("bake", "keep", "expected"), [(0, 0, 0), pytest.param(1, 3, 4, marks=pytest.mark.full)])
def test_D1_the_old_version_stays_for_bake_and_as_long_as_the_spec_says(bake: int, keep: int, expected: int) -> None:
    """Until then a person can go back to it at once."""
    spec = deployment("codedeploy", "canary", bake_minutes=bake, keep_old_minutes=keep)
    group = only(templates(spec)["services"], GROUP)
    end = group["BlueGreenDeploymentConfiguration"]["TerminateBlueInstancesOnDeploymentSuccess"]
    assert {"Action": "TERMINATE", "TerminationWaitTimeInMinutes": expected} == end


def test_D2_the_deployment_calls_the_five_hooks() -> None:
    """Each its own function, of this stack."""
    hooks = appspec(released("codedeploy", "canary"))["Hooks"]
    expected = ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"]
    assert expected == [name for hook in hooks for name in hook]
    functions = [function for hook in hooks for function in hook.values()]
    assert 5 == len(set(functions))
    assert all(function.startswith("Releasecodedeploy") for function in functions)


def test_D3_every_kind_of_failure_takes_the_release_back() -> None:
    """A failed hook, an alarm, and a person's or the watcher's stop; an alarm that cannot be read counts as red."""
    group = only(released("codedeploy", "canary"), GROUP)
    assert {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
    } == group["AutoRollbackConfiguration"]
    alarms = group["AlarmConfiguration"]
    assert (True, False) == (alarms["Enabled"], alarms["IgnorePollAlarmFailure"])


def test_D3_the_groups_alarms_are_those_of_the_stack_and_of_the_spec() -> None:
    """By name, and there before the group."""
    spec = deployment("codedeploy", "canary", alarms={"others": ["orders-too-few"]})
    template = templates(spec)["services"]
    named = {alarm["Name"] for alarm in only(template, GROUP)["AlarmConfiguration"]["Alarms"]}
    made = {alarm["AlarmName"] for alarm in properties(template, "AWS::CloudWatch::Alarm")}
    whats, colours = ("errors", "response-time", "unhealthy"), ("blue", "green")
    expected = {f"storefront-prod-web-release-{what}-{colour}" for what in whats for colour in colours}
    assert expected | {"orders-too-few"} == named
    assert expected <= made


def test_D3_broken_glass_is_visible_and_asks_no_alarm() -> None:
    """Who answers for it, and why, stand in the template; hooks learn it by the plan."""
    glass = {"web": BreakGlass(by="ada@example.com", because="the alarm is about what this release mends")}
    spec = deployment("codedeploy", "canary").model_copy(update={"break_glass": glass})
    template = templates(spec)["services"]
    (group,) = [one for one in template["Resources"].values() if one["Type"] == GROUP]
    assert group["Properties"]["AlarmConfiguration"]["Enabled"] is False
    assert {"By": "ada@example.com", "Because": "the alarm is about what this release mends"} == group["Metadata"][
        "BreakGlass"
    ]
    # The image is the same: breaking the glass starts no deployment by itself.
    assert only(released("codedeploy", "canary"), DEPLOYMENT) == only(template, DEPLOYMENT)


def test_D4_nothing_about_the_service_ever_changes() -> None:
    """CloudFormation sends everything with each update, and ECS refuses most of it under CodeDeploy: such a deploy would
    fail, and its rollback too.
    """

    def change(data: Data) -> None:
        web = data["services"]["web"]
        web |= {"replicas": 4, "scaling": None, "vcpu": 1, "memory_gib": 2, "variables": {"COLOUR": "red"}}
        web |= {"deregistration_seconds": 20, "health": {"startup": {"grace_seconds": 45}}}
        web["release"] = {"engine": "codedeploy", "strategy": "canary"}
        data["objectives"] = {"deploy_minutes": None, "rollback_minutes": None}

    template = templates(varied("storefront", "prod", change))["services"]
    service = only(released("codedeploy", "canary"), SERVICE)
    assert service == only(template, SERVICE)
    assert "storefront-prod-web" == service["TaskDefinition"]
    assert not {"DesiredCount", "DeploymentConfiguration", "AvailabilityZoneRebalancing"} & set(service)


def test_D4_one_release_waits_for_another() -> None:
    """`release.after` orders the deployments; others start side by side."""

    def change(data: Data) -> None:
        data["services"]["web"]["release"] = {"after": ["api"]}
        data["objectives"] = {"deploy_minutes": None, "rollback_minutes": None}

    template = templates(varied("generator-platform", "prod", change))["services"]
    deployments = {
        one["Properties"]["deploymentGroupName"]: (name, set(one["DependsOn"]))
        for name, one in template["Resources"].items()
        if one["Type"] == DEPLOYMENT
    }
    names = {name for name, _ in deployments.values()}
    api, _ = deployments["generator-platform-prod-api"]
    waiting = {group: before & names for group, (_, before) in deployments.items()}
    assert {"generator-platform-prod-web": {api}} == {group: before for group, before in waiting.items() if before}


def test_D3_cloudformation_waits_longer_than_a_deployment_can_last() -> None:
    """Or it would turn away from one that still runs. The library asks every fifteen seconds until then."""
    from spec.release_times import deployment_timeout_minutes, total_limit_seconds

    spec = deployment("codedeploy", "canary").services["web"]
    machine = next(
        json.dumps(one["DefinitionString"])
        for one in properties(released("codedeploy", "canary"), "AWS::StepFunctions::StateMachine")
        if "framework-isComplete-task" in json.dumps(one)
    )
    attempts = deployment_timeout_minutes(spec) * 60 // 15
    assert f'\\"MaxAttempts\\":{attempts}' in machine.replace('\\\\\\"', '\\"')
    assert deployment_timeout_minutes(spec) * 60 > total_limit_seconds(spec)


def test_S7_codedeploy_may_release_this_service_alone() -> None:
    """Its hooks, its rules, its task sets, the roles of its tasks; and it is CodeDeploy for this group."""
    template = released("codedeploy", "canary")
    (policy,) = [one for one in properties(template, POLICY) if one["Description"] == "CodeDeploy releases web"]
    by_action = {
        action: statement for statement in policy["PolicyDocument"]["Statement"] for action in actions(statement)
    }
    assert 5 == len(by_action["lambda:InvokeFunction"]["Resource"])
    rules = json.dumps(by_action["elasticloadbalancing:ModifyRule"]["Resource"])
    assert 4 == rules.count("Fn::GetAtt")
    assert ["arn:aws:ecs:us-west-2:123456789012:task-set/storefront-prod/web/*"] == by_action["ecs:CreateTaskSet"][
        "Resource"
    ]
    assert 2 == len(by_action["iam:PassRole"]["Resource"])
    assert {"iam:PassedToService": "ecs-tasks.amazonaws.com"} == by_action["iam:PassRole"]["Condition"]["StringEquals"]
    (role,) = [
        one for one in properties(template, "AWS::IAM::Role") if one.get("Description") == "CodeDeploy releases web"
    ]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    group = "arn:aws:codedeploy:us-west-2:123456789012:deploymentgroup:storefront-prod/storefront-prod-web"
    assert group == trust["Condition"]["ArnEquals"]["aws:SourceArn"]


def test_S4_the_librarys_functions_log_into_one_encrypted_group() -> None:
    """Lambda's own groups would have no key, and outlive the stack."""
    template = released("codedeploy", "canary")
    functions = [one for one in properties(template, "AWS::Lambda::Function") if one["Runtime"].startswith("nodejs")]
    assert 5 == len(functions)
    (group,) = {one["LoggingConfig"]["LogGroup"]["Ref"] for one in functions}
    assert "/storefront-prod/codedeploy" == template["Resources"][group]["Properties"]["LogGroupName"]
    assert template["Resources"][group]["Properties"]["KmsKeyId"]
    assert {"Active"} == {one["TracingConfig"]["Mode"] for one in functions}


POLICY = "AWS::IAM::ManagedPolicy"


def appspec(template: Template) -> dict[str, Any]:
    """What CodeDeploy is told, with logical IDs for what CloudFormation fills in."""
    parts = only(template, DEPLOYMENT)["revisionAppSpecContent"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else part.get("Ref") or part["Fn::GetAtt"][0] for part in parts)
    found: dict[str, Any] = json.loads(text)
    return found
