"""Lambda functions are kept with their settings; a custom resource whose function is not there is accepted."""

import base64
from typing import Any

from tests.rehearsal.under_test import Emulator, Stack, archive, picked

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ]
        }
    },
}


def test_function(emulator: Emulator, stack: Stack) -> None:
    """A function from the asset bucket has its settings and follows changes of them and of its code."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=stack.name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for key in ("1.zip", "2.zip"):
        s3.put_object(Bucket=stack.name, Key=key, Body=archive(f"# {key}"))
    function: dict[str, Any] = {
        "Runtime": "python3.13",
        "Handler": "handler.handle",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"S3Bucket": stack.name, "S3Key": "1.zip"},
        "Timeout": 10,
        "MemorySize": 256,
        "Architectures": ["arm64"],
        "ReservedConcurrentExecutions": 1,
        "Environment": {"Variables": {"A": "b"}},
    }
    permission = {
        "FunctionName": {"Ref": "Function"},
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
    }
    resources = {
        "Role": ROLE,
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
    }
    stack.deploy(resources)
    client = emulator.client("lambda")
    name = stack.id("Function")
    before = client.get_function(FunctionName=name)
    given = picked(function, "Runtime", "Handler", "Timeout", "MemorySize", "Architectures")
    assert given == picked(before["Configuration"], *given)
    assert before["Concurrency"]["ReservedConcurrentExecutions"] == 1
    function.update(Timeout=20, Code={"S3Bucket": stack.name, "S3Key": "2.zip"})
    stack.deploy(resources)
    after = client.get_function(FunctionName=name)["Configuration"]
    assert after["Timeout"] == 20
    assert after["CodeSha256"] != before["Configuration"]["CodeSha256"]
    assert base64.b64decode(after["CodeSha256"])
    stack.delete()


def test_custom_resources_are_accepted(stack: Stack) -> None:
    """A custom resource without a function that can be run does not stop a deployment, and is said not to be emulated."""
    custom = {"Type": "Custom::Anything", "Properties": {"ServiceToken": "arn:aws:lambda:us-west-2:1:function:f"}}
    stack.deploy({"Custom": custom})
    assert stack.resources()["Custom"]["emulated"] is False
