"""A function of this project, alone in a stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from handler_settings import handler_settings
from template import Template, only, properties, synthesize

from understudy.python_handler import PythonHandler
from understudy.statement import Statement, findings

QUEUE = "arn:aws:sqs:us-west-2:123456789012:lost"
TABLE = "arn:aws:dynamodb:us-west-2:123456789012:table/ledger"


def test_T7_a_function_runs_what_the_layer_was_built_for() -> None:
    """Python 3.13 on arm64, with the entry that tests import, and a time limit."""
    function = only(_template(), "AWS::Lambda::Function")
    assert ("python3.13", ["arm64"], "service_traffic.handler.handler", 30, 512) == (
        function["Runtime"],
        function["Architectures"],
        function["Handler"],
        function["Timeout"],
        function["MemorySize"],
    )
    assert 1 == len(function["Layers"])


def test_T7_a_function_that_signs_for_every_region_has_what_botocore_needs_for_it() -> None:
    """A second layer, beside the one of all."""
    template = _template(signs_for_every_region=True)
    assert 2 == len(only(template, "AWS::Lambda::Function")["Layers"])
    assert {
        "Packages of lambdas/requirements.lock, and the certificates of RDS",
        "Packages of lambdas/requirements-signing.lock",
    } == {layer["Description"] for layer in properties(template, "AWS::Lambda::LayerVersion")}


def test_M1_a_function_logs_into_a_group_of_its_own() -> None:
    """As JSON, encrypted, with an end; Lambda would make one without key and end."""
    template = _template()
    group = only(template, "AWS::Logs::LogGroup")
    assert ("/shop-prod/function/traffic", 90) == (group["LogGroupName"], group["RetentionInDays"])
    assert group["KmsKeyId"]
    logging = only(template, "AWS::Lambda::Function")["LoggingConfig"]
    assert ("JSON", {"Ref"}) == (logging["LogFormat"], set(logging["LogGroup"]))


def test_M1_a_function_is_traced_by_lambda_itself() -> None:
    """X-Ray's own library would take longer to start than everything else together."""
    assert {"Mode": "Active"} == only(_template(), "AWS::Lambda::Function")["TracingConfig"]


def test_M2_an_error_of_a_function_rings() -> None:
    """The first one, on the topic of the environment."""
    alarm = only(_template(), "AWS::CloudWatch::Alarm")
    assert ("AWS/Lambda", "Errors", 0, 1) == (
        alarm["Namespace"],
        alarm["MetricName"],
        alarm["Threshold"],
        alarm["EvaluationPeriods"],
    )
    assert ["arn:topic"] == alarm["AlarmActions"]


def test_S4_variables_are_encrypted_with_our_key() -> None:
    """Not with the one that every function of the account shares; the role may decrypt."""
    template = _template()
    key = only(template, "AWS::Lambda::Function")["KmsKeyArn"]
    assert [key] == _statement(template, "Environment")["Resource"]


def test_S7_a_role_has_one_policy_and_nothing_of_aws() -> None:
    """Complete before the function exists, and without managed policies, which allow more than is used."""
    template = _template()
    role = only(template, "AWS::IAM::Role")
    (policy,) = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::IAM::ManagedPolicy"]
    assert [{"Ref": policy}] == role["ManagedPolicyArns"]
    assert "Policies" not in role
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert {"Service": "lambda.amazonaws.com"} == trust["Principal"]


def test_S7_a_function_may_do_what_it_was_given_and_keep_its_log() -> None:
    """Its own log group, its traces, its variables, and the statements of its maker."""
    expected = ["Log", "Trace", "Environment", "Ledger"]
    assert expected == [statement["Sid"] for statement in _statements(_template())]


def test_S7_what_is_allowed_later_stands_in_the_same_policy() -> None:
    """A role that is known only when the service that uses the function is made."""
    template = _template(later=[Statement("Roles", ("iam:PassRole",), ("arn:aws:iam::123456789012:role/task",))])
    assert ["iam:PassRole"] == _statement(template, "Roles")["Action"]
    assert "Ledger" in [statement["Sid"] for statement in _statements(template)]


def test_S7_inside_the_vpc_lambda_makes_interfaces_and_the_code_does_not() -> None:
    """The role has to allow it, so the code that has the same role is denied it."""
    template = _template(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"])
    assert {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]} == only(
        template, "AWS::Lambda::Function"
    )["VpcConfig"]
    made, denied = _statement(template, "Interfaces"), _statement(template, "CodeMakesNoInterfaces")
    assert ["arn:aws:ec2:us-west-2:123456789012:*/*"] == made["Resource"]
    assert ("Deny", made["Action"]) == (denied["Effect"], denied["Action"])
    assert {"Null": {"lambda:SourceFunctionArn": "false"}} == denied["Condition"]


def test_S7_outside_the_vpc_a_role_makes_no_interfaces() -> None:
    """Nothing of EC2."""
    template = _template()
    assert "VpcConfig" not in only(template, "AWS::Lambda::Function")
    assert "ec2:" not in str(_statements(template))


def test_T7_only_who_is_called_without_anybody_waiting_has_a_queue_for_what_failed() -> None:
    """And may send to it."""
    assert "DeadLetterConfig" not in only(_template(), "AWS::Lambda::Function")
    template = _template(dead_letter_arn=QUEUE)
    assert {"TargetArn": QUEUE} == only(template, "AWS::Lambda::Function")["DeadLetterConfig"]
    assert [QUEUE] == _statement(template, "DeadLetters")["Resource"]


def test_T7_concurrency_is_reserved_where_it_is_asked_for() -> None:
    """Else a function shares what the account has."""
    assert "ReservedConcurrentExecutions" not in only(_template(), "AWS::Lambda::Function")
    assert 1 == only(_template(reserved_concurrency=1), "AWS::Lambda::Function")["ReservedConcurrentExecutions"]


def test_S7_a_wildcard_without_a_reason_is_refused() -> None:
    """Whoever writes one says why nothing finer is there."""
    with pytest.raises(ValueError, match=r"statement Tables has a wildcard in arn:.*/\* and does not say why"):
        _template(later=[Statement("Tables", ("dynamodb:GetItem",), (f"{TABLE}/*",))])


def test_S7_one_finding_has_all_its_reasons() -> None:
    """A judge names a resource once for a policy, however many statements have it."""
    first = Statement("One", ("a:B",), ("*",), because="One reason.")
    second = Statement("Two", ("a:C",), ("*",), because="Another.")
    assert {"AwsSolutions-IAM5[Resource::*]": "One reason. Another."} == findings([first, second, first])


def _template(*, later: Sequence[Statement] = (), **options: Any) -> Template:
    def build(stack: Stack) -> None:
        key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-west-2:123456789012:key/one")
        settings = handler_settings(stack, key, retention_days=90)
        handler = PythonHandler(
            stack,
            "Handler",
            settings=settings,
            name="traffic",
            description="shop-prod: listener rules",
            package="service_traffic",
            entry="service_traffic.handler.handler",
            environment={"PREFIX": "shop-prod"},
            statements=[Statement("Ledger", ("dynamodb:GetItem",), (TABLE,))],
            timeout_seconds=30,
            **options,
        )
        if later:
            handler.allow(later)

    return synthesize(build)


def _statements(template: Template) -> list[dict[str, Any]]:
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def _statement(template: Template, sid: str) -> dict[str, Any]:
    (found,) = [statement for statement in _statements(template) if statement["Sid"] == sid]
    return found
