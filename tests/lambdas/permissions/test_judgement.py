"""The judge of permissions finds what is planted: each fault in an otherwise exact role, and none in the exact one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from permissions.call import Call, Request
from permissions.deployed import Deployed, Stack
from permissions.judgement import Finding, Principal, judge
from permissions.needs import requests
from permissions.principals import functions, state_machines
from permissions.reasons import read_reasons, stale, without_reason
from permissions.resources import UnknownNeed
from permissions.simulator import action_references
from permissions.surroundings import Surroundings

ACCOUNT, REGION = "123456789012", "us-west-2"
VIA_DYNAMODB = {"StringEquals": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}}
TO_TASKS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
Statements = list[dict[str, Any]]


def _allow(actions: Any, resources: Any, condition: Any = None) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | (
        {"Condition": condition} if condition else {}
    )


def _arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


EXACT: Statements = [
    _allow(["logs:CreateLogStream", "logs:PutLogEvents"], _arn("Log")),
    _allow(["dynamodb:GetItem", "dynamodb:PutItem"], _arn("Ledger")),
    _allow("kms:Decrypt", {"Fn::GetStackOutput": {"StackName": "shop-security", "OutputName": "Key"}}, VIA_DYNAMODB),
    _allow("ecs:RunTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop-web:1"),
    _allow("iam:PassRole", _arn("TaskRole"), TO_TASKS),
    _allow("ecs:DescribeTaskDefinition", "*"),
]
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


def _deployed(statements: Statements, change: Callable[[dict[str, Any]], object] | None = None) -> Deployed:
    """Two stacks: a key in one, and in the other a function whose policy has `statements`."""
    services: dict[str, Any] = {
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shop/function/sample"}},
        "Ledger": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "SSESpecification": {
                    "KMSMasterKeyId": {"Fn::GetStackOutput": {"StackName": "shop-security", "OutputName": "Key"}}
                }
            },
        },
        "TaskRole": {"Type": "AWS::IAM::Role", "Properties": {}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"Family": "shop-web", "TaskRoleArn": _arn("TaskRole")},
        },
        "Policy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}},
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": [{"Ref": "Policy"}]}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "sample.handler",
                "Role": _arn("Role"),
                "Environment": {"Variables": {"LEDGER_TABLE": {"Ref": "Ledger"}}},
                "LoggingConfig": {"LogGroup": {"Ref": "Log"}},
            },
        },
    }
    if change:
        change(services)
    security = {
        "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": KEY_POLICY}}},
        "Outputs": {"Key": {"Value": _arn("Key")}},
    }
    return Deployed(
        ACCOUNT, (Stack("shop-security", REGION, security), Stack("shop-services", REGION, {"Resources": services}))
    )


def _calls(table: str) -> list[Call]:
    return [
        Call("dynamodb", "GetItem", REGION, {"TableName": table, "Key": {}}),
        Call("dynamodb", "PutItem", REGION, {"TableName": table, "Item": {}}),
        Call("ecs", "RunTask", REGION, {"cluster": "shop", "taskDefinition": "shop-web:1"}),
        Call("ecs", "DescribeTaskDefinition", REGION, {"taskDefinition": "shop-web:1"}),
    ]


def _judged(
    statements: Statements,
    change: Callable[[dict[str, Any]], object] | None = None,
    *,
    acknowledged: tuple[str, ...] = (),
) -> list[Finding]:
    deployed = _deployed(statements, change)
    (function,) = functions(deployed)
    around = Surroundings.of(deployed)
    calls = _calls(function.variables["LEDGER_TABLE"])
    references = action_references(call.action for call in calls)
    asked = [request for call in calls for request in requests(call, around, references[call.action])]
    principal = Principal(function.title, function.role_arn, [*function.platform_requests(), *asked])
    return judge(deployed, [principal], acknowledged=acknowledged)


def _told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.action) for finding in findings]


def _changed(index: int, **values: Any) -> Statements:
    statements = copy.deepcopy(EXACT)
    statements[index] |= values
    return statements


def test_exact_role_has_no_finding() -> None:
    """Each call is allowed, each statement is needed."""
    assert [] == _judged(EXACT, acknowledged=())


@pytest.mark.parametrize("index", range(len(EXACT)))
def test_missing_permission_is_found(index: int) -> None:
    """Whatever statement is taken away, some call is denied, and nothing else is wrong."""
    findings = _judged([each for other, each in enumerate(EXACT) if other != index])
    actions = EXACT[index]["Action"]
    assert {("denied", action) for action in ([actions] if isinstance(actions, str) else actions)} == set(
        _told(findings)
    )
    assert all("sample.handler" in str(finding) for finding in findings)


def test_denial_names_the_nearest_statement() -> None:
    """A wrong resource: the statement with the action is named, and what is wrong with it."""
    (denied, unneeded) = _judged(_changed(3, Resource=f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop-api:1"))
    assert ("denied", "ecs:RunTask") == (denied.kind, denied.action)
    assert "nearest is statement 4 of shop-services/Policy, which does not name the resource" in str(denied)
    assert ("unneeded", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop-api:1") == (
        unneeded.kind,
        unneeded.resource,
    )


def test_condition_that_does_not_hold_is_found() -> None:
    """A key that may be used by way of another service alone does not open the table."""
    condition = {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}}
    findings = _judged(_changed(2, Condition=condition))
    assert [("denied", "kms:Decrypt"), ("unneeded", "kms:Decrypt")] == _told(findings)
    assert "whose condition does not hold: kms:ViaService" in str(findings[0])


def test_unneeded_statement_is_found() -> None:
    """What no call asks for is named with the statement that allows it."""
    (finding,) = _judged([*EXACT, _allow("dynamodb:DeleteItem", _arn("Ledger"))])
    assert ("unneeded", "dynamodb:DeleteItem") == (finding.kind, finding.action)
    assert "statement 7 of shop-services/Policy" in finding.told


def test_unneeded_action_and_unneeded_resource_of_a_needed_statement_are_found() -> None:
    """A statement is a product: each of its actions on each of its resources has to be needed."""
    assert [("unneeded", "dynamodb:Scan")] == _told(
        _judged(_changed(1, Action=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"]))
    )
    elsewhere = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/other"
    findings = _judged(_changed(1, Resource=[_arn("Ledger"), elsewhere]))
    assert {("unneeded", elsewhere)} == {(finding.kind, finding.resource) for finding in findings}
    assert 2 == len(findings)


def test_resource_wildcard_is_found_unless_its_reason_stands_in_the_code() -> None:
    """`*` where AWS knows resources; `ecs:DescribeTaskDefinition`, which knows none, is left alone."""
    wide = _changed(1, Resource=f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/*")
    assert [("wildcard", "dynamodb:GetItem"), ("wildcard", "dynamodb:PutItem")] == _told(_judged(wide))
    assert [] == _judged(wide, acknowledged=("shop-services/Policy",))


def test_action_wildcard_is_found() -> None:
    """It allows more than what was asked, however exact its resource."""
    assert [("wildcard", "dynamodb:*Item")] == _told(_judged(_changed(1, Action="dynamodb:*Item")))


def test_everything_but_something_is_found() -> None:
    """`NotAction` that allows cannot be proved."""
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert [("wildcard", "*")] == _told(_judged([*EXACT, statement]))


def test_deny_is_obeyed_and_never_unneeded() -> None:
    """A deny that meets a call is named; one that meets none protects all the same."""
    meets = {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"}
    meets_none = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert [] == _judged([*EXACT, meets_none])
    findings = _judged([*EXACT, meets])
    assert ("denied", "dynamodb:PutItem") == (findings[0].kind, findings[0].action)
    assert "denied by statement 7 of" in findings[0].told


def test_permissions_boundary_counts() -> None:
    """What the role allows and its boundary does not is denied."""

    def bound(resources: dict[str, Any]) -> None:
        document = {"Version": "2012-10-17", "Statement": [_allow(["logs:*", "dynamodb:*", "kms:*", "ecs:*"], "*")]}
        resources["Boundary"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
        resources["Role"]["Properties"]["PermissionsBoundary"] = {"Ref": "Boundary"}

    findings = _judged(EXACT, bound)
    assert ("denied", "iam:PassRole") in _told(findings)
    assert "permissions boundary" in findings[0].told


def test_key_policy_counts() -> None:
    """A key whose own policy leaves IAM out opens to nobody."""
    deployed = _deployed(EXACT)
    key_policy = {"Version": "2012-10-17", "Statement": []}
    security, services = deployed.stacks
    template: dict[str, Any] = json.loads(json.dumps(security.template))
    template["Resources"]["Key"]["Properties"]["KeyPolicy"] = key_policy
    shut = Deployed(ACCOUNT, (Stack(security.name, REGION, template), services))
    key = next(shut.resources("AWS::KMS::Key")).arn
    (function,) = functions(shut)
    use = Request("kms:Decrypt", key, {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"})
    findings = judge(shut, [Principal(function.title, function.role_arn, [use])])
    assert ("denied", "kms:Decrypt") in _told(findings)


def test_inline_and_attached_policies_and_those_of_aws_count() -> None:
    """Whatever way a policy comes to the role."""

    def moved(resources: dict[str, Any]) -> None:
        resources["Policy"]["Properties"]["Roles"] = [{"Ref": "Role"}]
        logs = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        resources["Role"]["Properties"] = {"ManagedPolicyArns": [logs]}

    findings = _judged(EXACT[1:], moved, acknowledged=("arn:aws:iam::aws:policy",))
    assert [("unneeded", "logs:CreateLogGroup")] == _told(findings)


def test_hooks_answer_is_judged_by_its_deployment_group() -> None:
    """AWS's reference knows no resource of this action; what CDK and SAM grant, and AWS takes, is the group's ARN."""
    groups = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:shop"
    action = "codedeploy:PutLifecycleEventHookExecutionStatus"
    deployed = _deployed([_allow(action, f"{groups}/shop-web")])
    (function,) = functions(deployed)

    def judged(group: str) -> list[tuple[str, str]]:
        around = Surroundings(ACCOUNT, deployment_groups={"d-1": f"shop/{group}"})
        call = Call("codedeploy", "PutLifecycleEventHookExecutionStatus", REGION, {"deploymentId": "d-1"})
        asked = requests(call, around, action_references([action])[action])
        return _told(judge(deployed, [Principal(function.title, function.role_arn, asked)]))

    assert [] == judged("shop-web")
    assert [("denied", action), ("unneeded", action)] == judged("shop-api")


def test_function_that_runs_in_a_vpc_needs_interfaces() -> None:
    """Lambda makes them with the function's role."""

    def in_vpc(resources: dict[str, Any]) -> None:
        resources["Function"]["Properties"]["VpcConfig"] = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}

    assert ("denied", "ec2:CreateNetworkInterface") in _told(_judged(EXACT, in_vpc))


def test_call_whose_resource_nobody_can_tell_is_refused() -> None:
    """A wrong guess would prove nothing, so there is none."""
    call = Call("dynamodb", "DescribeExport", REGION, {"Something": "else"})
    with pytest.raises(UnknownNeed, match="add it to RESOURCES"):
        requests(call, Surroundings(ACCOUNT), action_references([call.action])[call.action])
    with pytest.raises(UnknownNeed, match="IAM knows no action ecs:Nonsense"):
        requests(Call("ecs", "Nonsense", REGION, {}), Surroundings(ACCOUNT), None)


def test_tasks_of_a_state_machine_are_calls() -> None:
    """SDK integrations and functions, those that only the input names too."""
    definition = {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName.$": "$.function_arn"},
                "Next": "Tell",
            },
            "Tell": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:codedeploy:putLifecycleEventHookExecutionStatus",
                "Parameters": {"Status": "Failed"},
                "End": True,
            },
        },
    }

    def with_machine(resources: dict[str, Any]) -> None:
        properties = {"DefinitionString": json.dumps(definition), "RoleArn": _arn("Role")}
        resources["Machine"] = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}

    (machine,) = state_machines(_deployed(EXACT, with_machine))
    calls = list(machine.calls({"FunctionName": ["arn:one", "arn:two"]}))
    assert [
        ("lambda:InvokeFunction", "arn:one"),
        ("lambda:InvokeFunction", "arn:two"),
        ("codedeploy:PutLifecycleEventHookExecutionStatus", None),
    ] == [(call.action, call.parameters.get("FunctionName")) for call in calls]


def test_reason_excuses_what_is_unneeded_never_what_is_denied(tmp_path: Path) -> None:
    """A reason names principal, action and resource; one that covers nothing is stale."""
    file = tmp_path / "permissions.yaml"
    reason = "The console's operators restart a release by hand with it, which no test does."
    entries = [
        {"principal": "sample.*", "action": "dynamodb:DeleteItem", "resource": "*:table/*", "reason": reason},
        {"principal": "other.*", "action": "dynamodb:DeleteItem", "resource": "*:table/*", "reason": reason},
        {"principal": "sample.*", "action": "dynamodb:GetItem", "resource": "*:table/*", "reason": reason},
    ]
    file.write_text(json.dumps(entries), encoding="utf-8")
    reasons = read_reasons(file)
    findings = _judged([EXACT[0], *EXACT[2:], _allow("dynamodb:DeleteItem", _arn("Ledger"))])
    assert {"denied"} == {finding.kind for finding in without_reason(findings, reasons)}
    assert reasons[1:] == stale(findings, reasons)


def test_reason_that_says_nothing_is_refused(tmp_path: Path) -> None:
    """As the judges of `make check` do."""
    file = tmp_path / "permissions.yaml"
    entry = {"principal": "*", "action": "*", "resource": "*", "reason": "needed for now"}
    file.write_text(json.dumps([entry]), encoding="utf-8")
    with pytest.raises(ValueError, match="fewer than"):
        read_reasons(file)
