"""CDK's own functions, made presentable."""

from __future__ import annotations

import json

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from template import Template, only, properties, synthesize

from understudy.custom_resource import EMPTY_BUCKETS, keep_log

KEY_ARN = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_S4_the_function_that_empties_buckets_logs_into_an_encrypted_group() -> None:
    """Lambda's own would have neither key nor end, and outlive a preview."""
    template = _template(emptied=True)
    group = only(template, "AWS::Logs::LogGroup")
    assert (KEY_ARN, 30) == (group["KmsKeyId"], group["RetentionInDays"])
    (name,) = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::Logs::LogGroup"]
    assert {"LogFormat": "JSON", "LogGroup": {"Ref": name}} == only(template, "AWS::Lambda::Function")["LoggingConfig"]
    assert "Delete" == template["Resources"][name]["DeletionPolicy"]


def test_a_stack_without_the_function_gets_no_group() -> None:
    """Where buckets are kept there is nothing to log."""
    assert [] == properties(_template(emptied=False), "AWS::Logs::LogGroup")


def test_A6_the_group_is_named_after_its_environment() -> None:
    """Two environments in one account must not fight over a name."""
    name = only(_template(emptied=True), "AWS::Logs::LogGroup")["LogGroupName"]
    assert json.dumps(name).startswith('"/shop-preview/')


def _template(*, emptied: bool) -> Template:
    def build(stack: Stack) -> None:
        removal = RemovalPolicy.DESTROY if emptied else RemovalPolicy.RETAIN
        s3.Bucket(stack, "Bucket", removal_policy=removal, auto_delete_objects=emptied)
        key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
        keep_log(stack, EMPTY_BUCKETS, prefix="shop-preview", key=key, retention_days=30)

    return synthesize(build)
