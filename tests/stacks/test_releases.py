"""The control plane of releases in the services stack: plans, hooks, watch, keeper of the rules, ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from synthesis import templates
from template import Properties, Template, actions, only, properties, resources
from variant import Data, varied

from shared.plan import Plan

Synthesized = Callable[[str, str], dict[str, Template]]

FUNCTION = "AWS::Lambda::Function"
HOOKS = ("before_install", "after_install", "test_traffic", "before_traffic", "after_traffic")
MANAGED_POLICY_CHARACTERS = 6144
"""Of a customer managed policy, white space not counted (IAM User Guide, quotas)."""
LONGEST_ARN = 130
"""What a reference in a policy stands for at most: here, an ARN of a role or secret with a generated name."""

MIGRATION: Data = {
    "command": ["node", "migrate.js"],
    "timeout_seconds": 30,
    "way_back": {"kind": "command", "command": ["node", "migrate.js", "down"]},
}


@pytest.fixture(scope="module")
def production(synthesized: Synthesized) -> Template:
    """The generator platform's production: CodeDeploy's canaries."""
    return synthesized("generator-platform", "prod")["services"]


@pytest.fixture(scope="module")
def development(synthesized: Synthesized) -> Template:
    """Its development: task by task."""
    return synthesized("generator-platform", "dev")["services"]


@pytest.fixture(scope="module")
def migrating() -> Template:
    """Production with a migration in api, under both engines: web is ECS's."""

    def change(data: Data) -> None:
        data["services"]["api"]["migration"] = MIGRATION
        data["services"]["web"]["release"] = {"engine": "ecs", "strategy": "canary", "smoke_tests": []}

    return templates(varied("generator-platform", "prod", change))["services"]


def ours(template: Template) -> list[Properties]:
    """Functions of lambdas/, not those that libraries bring."""
    return [one for one in properties(template, FUNCTION) if "POWERTOOLS_SERVICE_NAME" in variables(one)]


def variables(function: Properties) -> dict[str, Any]:
    """Environment variables of a function."""
    found: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
    return found


def by_name(template: Template) -> dict[str, Properties]:
    """Our functions by the name in their log."""
    return {variables(function)["POWERTOOLS_SERVICE_NAME"]: function for function in ours(template)}


def policy(template: Template, function: Properties) -> dict[str, dict[str, Any]]:
    """Statements of a function's role, by Sid."""
    role = template["Resources"][function["Role"]["Fn::GetAtt"][0]]
    (attached,) = role["Properties"]["ManagedPolicyArns"]
    document = template["Resources"][attached["Ref"]]["Properties"]["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def allowed(template: Template, name: str) -> set[str]:
    """What the function `name` may do."""
    statements = policy(template, by_name(template)[name]).values()
    return {action for one in statements if one["Effect"] == "Allow" for action in actions(one)}


def plans(template: Template) -> dict[str, Plan]:
    """Plans by service, as functions read them; what AWS fills in is `<value>`."""
    found = {}
    for parameter in properties(template, "AWS::SSM::Parameter"):
        if "/release/" in parameter["Name"]:
            value = parameter["Value"]
            parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
            text = "".join(part if isinstance(part, str) else "<value>" for part in parts)
            found[parameter["Name"].rpartition("/")[2]] = msgspec.json.decode(text, type=Plan)
    return found


def test_D3_functions_can_read_each_plan(production: Template) -> None:
    """By the model that they read it with; the parameter's name is what they look for."""
    found = plans(production)
    assert {"web", "api", "generator"} == set(found)
    web = found["web"]
    assert ("codedeploy", "canary", "us-west-2") == (web.engine, web.strategy, web.active_region)
    assert ("generator-platform-prod", "web", "web") == (web.cluster, web.ecs_service, web.container)
    assert ("app.example.com", 8443) == (web.test.server_name, web.test.port)
    assert [("cache", "redis", 6379)] == [(one.name, one.kind, one.port) for one in web.dependencies]
    assert (120, 60, 60) == (web.window_seconds, web.metric_period_seconds, web.metric_delay_seconds)
    assert (0.001, 1000) == (web.limits.error_rate, web.limits.response_ms)
    assert 2 == web.desired_tasks
    assert "generator-platform-prod-web-release-errors-green" in web.alarms


def test_D6_a_service_that_nobody_calls_has_a_plan_too() -> None:
    """Nothing examines its releases, but they are watched; it has no target group to be counted in."""

    def change(data: Data) -> None:
        data["services"]["api"]["dependencies"].remove("generator")
        data["services"]["generator"]["release"] = {"engine": "ecs", "strategy": "rolling"}

    plan = plans(templates(varied("generator-platform", "prod", change))["services"])["generator"]
    assert ("rolling", "", None) == (plan.strategy, plan.blue_arn, plan.green_arn)


def test_D3_a_private_service_is_tested_by_its_internal_name(production: Template) -> None:
    """The one that the load balancer's rule knows."""
    assert "generator.internal.app.example.com" == plans(production)["generator"].test.server_name


def test_D3_without_a_smoke_test_the_readiness_check_is_asked(migrating: Template) -> None:
    """With its path and status, within the objective's time."""
    (test,) = plans(migrating)["web"].smoke_tests
    assert ("/ready", "GET", 200, 1000) == (test.path, test.method, test.status, test.response_ms)


def test_D2_a_migration_stands_in_the_plan_with_its_way_back(migrating: Template) -> None:
    """Program, time, and where its task runs."""
    migration = plans(migrating)["api"].migration
    assert migration is not None
    assert (["node", "migrate.js"], 30, "command") == (
        migration.command,
        migration.timeout_seconds,
        migration.way_back,
    )
    assert ["node", "migrate.js", "down"] == migration.back_command
    assert (3, 1) == (len(migration.subnets), len(migration.security_groups))
    assert None is plans(migrating)["web"].migration


def test_D3_a_plan_refers_to_no_ecs_service(migrating: Template) -> None:
    """Its first deployment reads it already, so the plan must be there before it: else each would wait for the other."""
    services = {name for name, one in migrating["Resources"].items() if one["Type"] == "AWS::ECS::Service"}
    for parameter in resources(migrating, "AWS::SSM::Parameter"):
        assert [] == [name for name in services if f'"{name}"' in json.dumps(parameter)]


def test_D3_each_hook_of_an_engine_is_a_function(production: Template, migrating: Template) -> None:
    """Five for each engine that shifts something in the environment."""
    names = {f"codedeploy-{hook.replace('_', '-')}" for hook in HOOKS}
    assert names == {name for name in by_name(production) if name.startswith(("codedeploy-", "ecs-"))}
    both = names | {name.replace("codedeploy", "ecs") for name in names}
    assert both == {name for name in by_name(migrating) if name.startswith(("codedeploy-", "ecs-"))}
    for name, function in by_name(migrating).items():
        if name in both:
            engine, _, hook = name.partition("-")
            assert (f"deployment_hooks.{engine}.handler", hook.replace("-", "_")) == (
                function["Handler"],
                variables(function)["STAGE"],
            )


def test_D3_without_a_shift_there_are_no_hooks(development: Template) -> None:
    """Who is replaced task by task is watched, and its rules are kept."""
    assert {"release-watch", "secret-refresh", "service-traffic"} == set(by_name(development))


def test_D3_hooks_of_codedeploy_alone_have_a_workflow(migrating: Template) -> None:
    """ECS asks again by itself."""
    machines = {name for name, one in migrating["Resources"].items() if "StateMachine" in one["Type"]}
    for name, function in by_name(migrating).items():
        polled = variables(function).get("POLLING_STATE_MACHINE_ARN")
        assert name.startswith("codedeploy-") is (polled is not None)
        if polled is not None:
            assert polled["Fn::GetAtt"][0] in machines


def test_T7_hooks_that_reach_something_inside_are_in_the_vpc(migrating: Template) -> None:
    """Stores and the test listener; the others call AWS alone."""
    inside = {name for name, function in by_name(migrating).items() if "VpcConfig" in function}
    stages = ("before-install", "test-traffic", "after-traffic")
    assert {f"{engine}-{stage}" for engine in ("codedeploy", "ecs") for stage in stages} == inside


def test_T7_a_package_is_published_once(migrating: Template) -> None:
    """Ten hooks, one archive; four other functions; and one layer under all."""
    keys = {function["Code"]["S3Key"] for function in ours(migrating)}
    assert (14, 5) == (len(ours(migrating)), len(keys))
    assert 1 == len(resources(migrating, "AWS::Lambda::LayerVersion"))
    assert 1 == len({json.dumps(function["Layers"]) for function in ours(migrating)})


@pytest.mark.parametrize("env", ["dev", "staging", "prod", "preview"])
def test_M2_each_function_has_an_alarm(synthesized: Synthesized, env: str) -> None:
    """On its errors, on the environment's topic."""
    template = synthesized("generator-platform", env)["services"]
    alarms = {one["AlarmName"]: one for one in properties(template, "AWS::CloudWatch::Alarm")}
    assert by_name(template)
    for name in by_name(template):
        alarm = alarms[f"generator-platform-{env}-{name}-errors-warning"]
        assert f"generator-platform-{env}-security" == alarm["AlarmActions"][0]["Fn::GetStackOutput"]["StackName"]


def test_T7_time_limits_are_the_hooks_and_room_for_one_repeated_call(production: Template) -> None:
    """A look of a hook has what the spec gives the hook, and never more than Lambda has."""
    expected = {
        "before-install": 35,
        "after-install": 35,
        "test-traffic": 40,
        "before-traffic": 30,
        "after-traffic": 45,
    }
    found = by_name(production)
    assert expected == {stage: found[f"codedeploy-{stage}"]["Timeout"] for stage in expected}


def test_S7_only_what_migrates_runs_tasks(migrating: Template) -> None:
    """Before install, for the one service's task definitions and roles, under its engine; the watcher, for the way back."""
    running = {name for name in by_name(migrating) if "ecs:RunTask" in allowed(migrating, name)}
    assert {"codedeploy-before-install", "release-watch"} == running
    statements = policy(migrating, by_name(migrating)["codedeploy-before-install"])
    family = "arn:aws:ecs:us-west-2:123456789012:task-definition/generator-platform-prod-api:*"
    assert [family] == statements["RunTasks"]["Resource"]
    assert {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}} == statements["RolesApi"]["Condition"]
    assert 2 == len(statements["RolesApi"]["Resource"])


def test_S7_a_hook_may_do_what_its_stage_needs(migrating: Template) -> None:
    """Beside its plan, its ledger and its release."""
    own = {
        "before_traffic": {"cloudwatch:DescribeAlarms"},
        "after_traffic": {"cloudwatch:GetMetricData", "elasticloadbalancing:DescribeTargetHealth"},
        "after_install": {"ecs:ListTasks", "ecs:DescribeTasks", "elasticloadbalancing:DescribeTargetHealth"},
        "before_install": {"secretsmanager:DescribeSecret"},
        "test_traffic": set(),
    }
    every = set.intersection(*(allowed(migrating, f"ecs-{hook.replace('_', '-')}") for hook in HOOKS))
    interfaces = {action for action in allowed(migrating, "ecs-test-traffic") if action.startswith("ec2:")}
    for hook, expected in own.items():
        assert expected == allowed(migrating, f"ecs-{hook.replace('_', '-')}") - every - interfaces


def test_S7_no_function_deletes_what_happened(migrating: Template) -> None:
    """The ledger is written and read; entries leave by their age. Nor does any function read a secret's value."""
    for name in by_name(migrating):
        assert not allowed(migrating, name) & {
            "dynamodb:DeleteItem",
            "dynamodb:Scan",
            "secretsmanager:GetSecretValue",
        }


def test_S7_the_keeper_of_rules_reaches_this_environments_load_balancers_alone(production: Template) -> None:
    """By their names; it changes no listener and no target group."""
    statements = policy(production, by_name(production)["service-traffic"])
    changed = [*statements["NewRules"]["Resource"], *statements["Rules"]["Resource"]]
    assert [] == [arn for arn in changed if "/app/generator-platform-prod-" not in arn]
    assert {"CreateRule", "DeleteRule", "DescribeRules", "ModifyRule", "SetRulePriorities"} == {
        action.partition(":")[2]
        for action in allowed(production, "service-traffic")
        if action.startswith("elasticloadbalancing:")
    }


def test_S7_policies_fit_into_what_iam_takes(migrating: Template) -> None:
    """Each reference counted as the longest ARN that it may become."""
    for document in properties(migrating, "AWS::IAM::ManagedPolicy"):
        text = json.dumps(_shortened(document["PolicyDocument"]), separators=(",", ":"))
        assert len(text.replace(" ", "")) < MANAGED_POLICY_CHARACTERS


def test_S4_the_ledger_is_encrypted_and_can_be_restored(production: Template) -> None:
    """With the key of data, to any second; entries leave at the time that they carry."""
    table = only(production, "AWS::DynamoDB::Table")
    assert ["release", "entry"] == [key["AttributeName"] for key in table["KeySchema"]]
    assert "KMS" == table["SSESpecification"]["SSEType"]
    assert "KeysData" in str(table["SSESpecification"]["KMSMasterKeyId"])
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert {"AttributeName": "expires_at", "Enabled": True} == table["TimeToLiveSpecification"]


@pytest.mark.parametrize(
    ("env", "protected", "policy"),
    [("prod", True, "RetainExceptOnCreate"), ("dev", False, "RetainExceptOnCreate"), ("preview", False, "Delete")],
)
def test_S4_the_ledger_stays_where_data_stays(synthesized: Synthesized, env: str, protected: bool, policy: str) -> None:
    """As the spec protects everything else."""
    (table,) = resources(synthesized("generator-platform", env)["services"], "AWS::DynamoDB::Table")
    assert (protected, policy) == (table["Properties"]["DeletionProtectionEnabled"], table["DeletionPolicy"])


def test_D6_every_deployment_of_the_environment_is_watched(production: Template, migrating: Template) -> None:
    """From its start, by the events of each engine that is used, and of no other application."""
    (rule,) = [one for one in properties(production, "AWS::Events::Rule") if "EventPattern" in one]
    assert {
        "source": ["aws.codedeploy"],
        "detail-type": ["CodeDeploy Deployment State-change Notification"],
        "detail": {"application": ["generator-platform-prod"], "state": ["START"]},
    } == rule["EventPattern"]
    ecs = next(
        one
        for one in properties(migrating, "AWS::Events::Rule")
        if one.get("EventPattern", {}).get("source") == ["aws.ecs"]
    )
    assert [{"prefix": "arn:aws:ecs:us-west-2:123456789012:service/generator-platform-prod/"}] == ecs["EventPattern"][
        "resources"
    ]
    assert {"eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"]} == ecs["EventPattern"]["detail"]


def test_D6_the_watcher_tells_people(production: Template) -> None:
    """On the encrypted topic that alarms speak on, which it may publish to by its own role."""
    watch = by_name(production)["release-watch"]
    statements = policy(production, watch)
    assert [variables(watch)["TOPIC_ARN"]] == statements["Message"]["Resource"]
    assert {"kms:Decrypt", "kms:GenerateDataKey"} == set(statements["MessageKey"]["Action"])


def test_D6_a_deployment_that_nobody_watches_rings(migrating: Template) -> None:
    """EventBridge could not start the workflow, or the workflow did not end."""
    names = {one["AlarmName"] for one in properties(migrating, "AWS::CloudWatch::Alarm")}
    expected = {
        "release-watch-codedeploy-not-started-warning",
        "release-watch-ecs-not-started-warning",
        "release-watch-unfinished-warning",
        "release-hooks-unfinished-warning",
    }
    assert {f"generator-platform-prod-{name}" for name in expected} <= names


def test_D3_a_release_waits_until_its_hooks_may_be_called(production: Template) -> None:
    """The workflow's permission to call them comes last: the plan waits for it, and the release for the plan."""
    invoking = [
        name
        for name, one in production["Resources"].items()
        if one["Type"] == "AWS::IAM::ManagedPolicy" and "Functions that are asked" == one["Properties"]["Description"]
    ]
    assert 1 == len(invoking)
    plans = [one for one in resources(production, "AWS::SSM::Parameter") if "/release/" in one["Properties"]["Name"]]
    assert plans
    assert all(invoking == plan["DependsOn"] for plan in plans)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) & {"Ref", "Fn::GetAtt", "Fn::GetStackOutput", "Fn::Join"}:
            return "x" * LONGEST_ARN
        return {key: _shortened(part) for key, part in value.items()}
    return [_shortened(part) for part in value] if isinstance(value, list) else value
