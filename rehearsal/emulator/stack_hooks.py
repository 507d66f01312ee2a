"""CloudFormation's Lambda Hooks: functions that are asked before a stack is changed.

CloudFormation Hooks User Guide, "Create Lambda functions to evaluate resources for Lambda Hooks": of a stack's operation the
function gets a presigned URL, where both templates lie.
"""

import json
import uuid
from collections import defaultdict
from dataclasses import dataclass

from rehearsal.emulator.apis import ApiError, Apis
from rehearsal.emulator.engines import function_runner
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.kind import Kind, Place, Properties, Resource
from rehearsal.emulator.values import Json

OWNER = "555555555555"
"Whose bucket the templates lie in: not the account's that is asked about."
URL_SECONDS = 3600
_HOOKS: dict[tuple[str, str], dict[str, Properties]] = defaultdict(dict)
"By account and region, then by alias: what the template says of each."


class RefusedError(Exception):
    """A hook whose failure mode is FAIL said FAILED, or nothing."""


class LambdaHook:
    """`AWS::CloudFormation::LambdaHook`."""

    def create(self, resource: Resource, place: Place) -> None:
        """Have stacks of this account and region looked at from now on."""
        resource.physical_id = _arn(resource.properties, place)
        _hooks(place)[resource.properties["Alias"]] = resource.properties

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:  # noqa: ARG002  # a Kind's signature
        """Its name is its identity."""
        return {"Alias"} if properties["Alias"] != resource.properties["Alias"] else set()

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """From the next operation on."""
        resource.properties = properties
        _hooks(place)[properties["Alias"]] = properties

    def delete(self, resource: Resource, place: Place) -> None:
        """Nobody is asked any more."""
        _hooks(place).pop(resource.properties["Alias"], None)

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:  # noqa: ARG002
        """Return the ARN, its only one."""
        return resource.physical_id if name == "HookArn" else None


@dataclass(frozen=True)
class Operation:
    """What is about to happen to a stack. `action`: CREATE, UPDATE or DELETE."""

    stack: str
    stack_id: str
    action: str
    template: str
    previous: str


def ask(apis: Apis, operation: Operation) -> None:
    """Ask every hook that is there for it. Raises RefusedError with what the first that stops it says."""
    for alias, hook in list(_HOOKS[apis.account, apis.region].items()):
        if not _concerned(hook, operation):
            continue
        said = _answer(apis, alias, hook, operation)
        if said is not None and hook["FailureMode"] == "FAIL":
            raise RefusedError(f"The following hook(s) failed: [{alias}]: {said}")


def _concerned(hook: Properties, operation: Operation) -> bool:
    """Whether it is on, for stacks, for this action and for a stack of this name."""
    names = hook.get("StackFilters", {}).get("StackNames", {})
    included, excluded = names.get("Include"), names.get("Exclude", [])
    return (
        hook["HookStatus"] == "ENABLED"
        and "STACK" in hook["TargetOperations"]
        and operation.action in hook.get("TargetFilters", {}).get("Actions", [operation.action])
        and (included is None or operation.stack in included)
        and operation.stack not in excluded
    )


def _answer(apis: Apis, alias: str, hook: Properties, operation: Operation) -> str | None:
    """Why it fails; None if it does not."""
    function = function_runner.function_of(hook["LambdaFunction"], account=apis.account, region=apis.region)
    if function is None:
        return f"{hook['LambdaFunction']} is not there"
    token = str(uuid.uuid4())
    request = {
        "clientRequestToken": token,
        "awsAccountId": apis.account,
        "stackId": operation.stack_id,
        "hookTypeName": alias,
        "hookTypeVersion": "00000001",
        "hookModel": {"LambdaFunction": hook["LambdaFunction"]},
        "actionInvocationPoint": f"{operation.action}_PRE_PROVISION",
        "requestData": {
            "targetName": "STACK",
            "targetType": "STACK",
            "targetLogicalId": operation.stack_id,
            "payload": _laid_down(apis, token, operation),
        },
        "requestContext": {"invocation": 1, "callbackContext": None},
    }
    answer = function_runner.invoke(function, request)
    if answer.failed:
        return f"the function failed: {answer.payload}"
    said = answer.payload if isinstance(answer.payload, dict) else {}
    return None if said.get("hookStatus") == "SUCCESS" else str(said.get("message") or answer.payload)


def _laid_down(apis: Apis, token: str, operation: Operation) -> str:
    """Both templates, where whoever has the URL can read them for an hour."""
    owner = SETTING.apis(OWNER, apis.region)
    bucket = f"understudy-hooks-{apis.region}"
    try:
        owner.call("s3", "head_bucket", {"Bucket": bucket})
    except ApiError:
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": apis.region}}
        owner.call("s3", "create_bucket", {"Bucket": bucket, **({} if apis.region == "us-east-1" else elsewhere)})
    payload = {"template": operation.template, "previousTemplate": operation.previous}
    owner.call("s3", "put_object", {"Bucket": bucket, "Key": token, "Body": json.dumps(payload).encode()})
    url: str = owner.client("s3").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": token}, ExpiresIn=URL_SECONDS
    )
    return url


def _hooks(place: Place) -> dict[str, Properties]:
    return _HOOKS[place.apis.account, place.apis.region]


def _arn(properties: Properties, place: Place) -> str:
    name = properties["Alias"].replace("::", "-")
    return f"arn:aws:cloudformation:{place.apis.region}:{place.apis.account}:type/hook/{name}"


KINDS: dict[str, Kind] = {"AWS::CloudFormation::LambdaHook": LambdaHook()}
