"""CloudFormation's Lambda Hooks: asked before a stack of their names changes, and heeded."""

from typing import Any

import pytest

from tests.rehearsal.test_functions import ROLE
from tests.rehearsal.under_test import Emulator, Stack, archive

SAYS_NO = """
import json
import urllib.request


def handle(event, context):
    with urllib.request.urlopen(event["requestData"]["payload"]) as answer:
        payload = json.load(answer)
    refused = "Bad" in payload["template"]
    message = f"{event['actionInvocationPoint']} after {sorted(json.loads(payload['previousTemplate'])['Resources'])}"
    return {"hookStatus": "FAILED" if refused else "SUCCESS", "message": message, "errorCode": "NonCompliant",
            "clientRequestToken": event["clientRequestToken"]}
"""
GOOD = {"Good": {"Type": "AWS::SNS::Topic"}}
BAD = {**GOOD, "Bad": {"Type": "AWS::SNS::Topic"}}


class Hook:
    """A stack with a hook whose function refuses every template that has `Bad` in it."""

    def __init__(self, emulator: Emulator, stack: Stack, watched: str) -> None:
        self._stack = stack
        s3 = emulator.client("s3")
        s3.create_bucket(Bucket=stack.name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        s3.put_object(Bucket=stack.name, Key="hook.zip", Body=archive(SAYS_NO))
        self._properties: dict[str, Any] = {
            "Alias": "Test::Says::No",
            "ExecutionRole": {"Fn::GetAtt": ["Role", "Arn"]},
            "FailureMode": "FAIL",
            "HookStatus": "ENABLED",
            "LambdaFunction": {"Fn::GetAtt": ["Function", "Arn"]},
            "StackFilters": {"FilteringCriteria": "ALL", "StackNames": {"Include": [watched]}},
            "TargetFilters": {"Actions": ["UPDATE"]},
            "TargetOperations": ["STACK"],
        }
        self.be()

    def be(self, **changes: Any) -> None:
        """Have it deployed with changes."""
        self._properties |= changes
        function = {
            "Runtime": "python3.13",
            "Handler": "handler.handle",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"S3Bucket": self._stack.name, "S3Key": "hook.zip"},
        }
        self._stack.deploy(
            {
                "Role": ROLE,
                "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
                "Hook": {"Type": "AWS::CloudFormation::LambdaHook", "Properties": self._properties},
            }
        )

    def go(self) -> None:
        """Have it removed."""
        self._stack.delete()


@pytest.fixture
def hook(emulator: Emulator, new_stack: Any, stack: Stack) -> Hook:
    """For `stack`."""
    return Hook(emulator, new_stack(), stack.name)


def test_an_update_that_a_hook_refuses_changes_nothing(hook: Hook, stack: Stack) -> None:
    """Its message stands in the stack's events; what it lets through goes on, and so does everything once it is gone."""
    stack.deploy(GOOD)
    stack.deploy(BAD, expect="UPDATE_ROLLBACK_COMPLETE")
    assert {"Good"} == set(stack.resources())
    (said,) = stack.failures()
    assert "The following hook(s) failed: [Test::Says::No]: UPDATE_PRE_PROVISION after ['Good']" in said
    stack.deploy({**GOOD, "Other": {"Type": "AWS::SNS::Topic"}})
    hook.go()
    stack.deploy(BAD)


def test_a_hook_is_asked_about_what_it_names(hook: Hook, stack: Stack, new_stack: Any) -> None:
    """Neither about a creation nor about another stack, nor when it is off or only warns."""
    stack.deploy(BAD)
    other = new_stack()
    other.deploy(GOOD)
    other.deploy(BAD)
    stack.deploy(GOOD)
    hook.be(HookStatus="DISABLED")
    stack.deploy(BAD)
    stack.deploy(GOOD)
    hook.be(HookStatus="ENABLED", FailureMode="WARN")
    stack.deploy(BAD)
    stack.deploy(GOOD)
    hook.be(FailureMode="FAIL")
    stack.deploy(BAD, expect="UPDATE_ROLLBACK_COMPLETE")
