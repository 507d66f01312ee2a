"""Custom resources: their function is run with CloudFormation's event, and its answer awaited.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requesttypes.html. The answer comes to an
address of the emulator. Functions in other languages than Python are not run: such a resource is accepted, and said
to be so; except CodeDeploy's deployments, whose provider is played (`ecs_deployment`).
"""

import json
import threading
import uuid
from typing import Any

from moto.awslambda.models import LambdaFunction

from rehearsal.emulator.engines import function_runner
from rehearsal.emulator.engines.function_process import Answer
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.fallback import Accepted
from rehearsal.emulator.kind import Place, Properties, Resource
from rehearsal.emulator.values import Json

ANSWERS_PATH = "/understudy/answers/"
TIMEOUT_SECONDS = 3600.0
"CloudFormation's default, and the most that ServiceTimeout allows."
RETRY_SECONDS = (0.0, 60.0, 120.0)
"CloudFormation invokes asynchronously: an event whose handling fails comes again, as in function_runner."

_ANSWERS: dict[str, dict[str, Any]] = {}
_ARRIVED = threading.Condition()


class CustomResourceError(Exception):
    """The function said FAILED, or nothing."""


def receive(path: str, body: bytes) -> None:
    """Take an answer that a function has put."""
    with _ARRIVED:
        _ANSWERS[path.rpartition("/")[2]] = json.loads(body)
        _ARRIVED.notify_all()


class CustomResource:
    """A resource that a function makes, changes and removes."""

    def create(self, resource: Resource, place: Place) -> None:
        """Have it made; what was made of it before a failure is removed again."""
        function = _function(resource.properties, place)
        if function is None:
            Accepted().create(resource, place)
            return
        resource.physical_id = place.generated_name
        event = {"RequestType": "Create"}
        try:
            self._ask(function, event, resource, resource.properties, place)
        except CustomResourceError:
            self._remove_quietly(function, resource, place)
            raise

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:  # noqa: ARG002  # a Kind's signature
        """The function decides, by answering with another physical ID."""
        return set()

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Have it changed."""
        function = _function(properties, place) if resource.emulated else None
        if function:
            before = resource.physical_id
            event = {"RequestType": "Update", "OldResourceProperties": _texts(resource.properties)}
            self._ask(function, event, resource, properties, place)
            if resource.physical_id != before:
                # The one of before goes. AWS waits with that until the stack's update is complete.
                old = Resource(resource.logical_id, resource.type, resource.properties, physical_id=before)
                self._ask(function, {"RequestType": "Delete"}, old, resource.properties, place)
        resource.properties = properties

    def delete(self, resource: Resource, place: Place) -> None:
        """Have it removed."""
        function = _function(resource.properties, place) if resource.emulated else None
        if function:
            self._ask(function, {"RequestType": "Delete"}, resource, resource.properties, place)

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:
        """Return what the function's answer says under that name."""
        if not resource.emulated:
            return Accepted().attribute(resource, name, place)
        return resource.made.get(name)

    def _remove_quietly(self, function: LambdaFunction, resource: Resource, place: Place) -> None:
        try:
            self._ask(function, {"RequestType": "Delete"}, resource, resource.properties, place)
        except CustomResourceError:
            return  # the failure that is told is the first one

    def _ask(
        self, function: LambdaFunction, event: dict[str, Any], resource: Resource, properties: Properties, place: Place
    ) -> None:
        token = uuid.uuid4().hex
        event = {
            **event,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": f"{SETTING.endpoint}{ANSWERS_PATH}{token}",
            "StackId": place.stack_id,
            "RequestId": str(uuid.uuid4()),
            "ResourceType": resource.type,
            "LogicalResourceId": resource.logical_id,
            "ResourceProperties": _texts(properties),
        }
        if event["RequestType"] != "Create":
            event["PhysicalResourceId"] = resource.physical_id
        answer = _answer(function, event, token, float(properties.get("ServiceTimeout") or TIMEOUT_SECONDS))
        resource.physical_id = answer.get("PhysicalResourceId") or resource.physical_id
        if answer.get("Status") != "SUCCESS":
            raise CustomResourceError(
                "Received response status [FAILED] from custom resource. "
                f"Message returned: {answer.get('Reason') or 'no reason given'}"
            )
        resource.made = answer.get("Data") or {}


def _function(properties: Properties, place: Place) -> LambdaFunction | None:
    token = str(properties.get("ServiceToken", ""))
    if ":function:" not in token:
        return None
    function = function_runner.function_of(token, account=place.apis.account, region=place.apis.region)
    return function if function and function_runner.runs(function) else None


def _answer(function: LambdaFunction, event: dict[str, Any], token: str, timeout: float) -> dict[str, Any]:
    deadline = SETTING.clock.epoch() + timeout
    outcome = Answer(None, failed=False)
    for seconds in RETRY_SECONDS:
        SETTING.clock.sleep(seconds)
        outcome = function_runner.invoke(function, event)
        with _ARRIVED:
            if token in _ANSWERS:
                return _ANSWERS.pop(token)
        if not SETTING.played or not outcome.failed:
            break
    if SETTING.played:
        with _ARRIVED:
            _ARRIVED.wait_for(lambda: token in _ANSWERS, SETTING.clock.real_seconds(deadline - SETTING.clock.epoch()))
            if token in _ANSWERS:
                return _ANSWERS.pop(token)
    why = f": {outcome.payload}" if outcome.failed else ""
    raise CustomResourceError(f"CloudFormation did not receive a response from your Custom Resource{why}")


def _texts(value: Json) -> Json:
    """Return properties as CloudFormation hands them to a function: every number and truth value as text."""
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, str) else str(value)
