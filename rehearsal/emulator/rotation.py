"""Secrets Manager's schedules of rotation, and the logins that a rotation's function makes valid."""

import json
import re

from moto.secretsmanager.models import FakeSecret, secretsmanager_backends

from rehearsal.emulator.apis import ApiError
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.fallback import Accepted
from rehearsal.emulator.kind import Kind, Place, Properties, Resource, changed_names
from rehearsal.emulator.values import Json

SECONDS_PER_DAY = 86400
RATE = re.compile(r"rate\((\d+) days?\)")


class Schedule:
    """When a secret is rotated, and by which function, which has to let Secrets Manager call it.

    Nothing is rotated, neither at once nor when the time has come: there are no servers whose logins could change. The test
    of the function, by which the real one begins, is left out for the same reason; moto would play it and leave the
    version of the test behind.
    """

    def create(self, resource: Resource, place: Place) -> None:
        """Tell the secret."""
        properties = resource.properties
        resource.physical_id = str(properties["SecretId"])
        _admitted(str(properties["RotationLambdaARN"]), place)
        rules = properties.get("RotationRules") or {}
        secret = _secret(resource, place)
        secret.rotation_lambda_arn = str(properties["RotationLambdaARN"])
        secret.rotation_requested = secret.rotation_enabled = True
        rate = RATE.fullmatch(str(rules.get("ScheduleExpression", "")))
        secret.auto_rotate_after_days = int(rate[1] if rate else rules.get("AutomaticallyAfterDays") or 0)
        secret.next_rotation_date = int(SETTING.clock.epoch()) + secret.auto_rotate_after_days * SECONDS_PER_DAY
        if str(properties.get("RotateImmediatelyOnUpdate")).lower() != "false":
            resource.not_carried.add("RotateImmediatelyOnUpdate")
        resource.not_carried |= {f"RotationRules.{name}" for name in rules if name == "Duration"}

    def replaces(self, resource: Resource, properties: Properties, place: Place) -> set[str]:  # noqa: ARG002  # a Kind's signature
        """Another secret has a schedule of its own."""
        return changed_names(resource.properties, properties) & {"SecretId"}

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Tell the secret again."""
        resource.properties = properties
        self.create(resource, place)

    def delete(self, resource: Resource, place: Place) -> None:
        """The secret stays, and stays as it is."""
        place.apis.call("secretsmanager", "cancel_rotate_secret", {"SecretId": resource.physical_id})

    def attribute(self, resource: Resource, name: str, place: Place) -> Json:  # noqa: ARG002
        """There are none."""
        return None


class Login(Accepted):
    """`Custom::Login`: accepted, because its function would look for a server that nobody runs here."""

    def create(self, resource: Resource, place: Place) -> None:
        """Have the physical ID that the function answers: the secret."""
        super().create(resource, place)
        resource.physical_id = str(resource.properties["SecretId"])


def _secret(resource: Resource, place: Place) -> FakeSecret:
    backend = secretsmanager_backends[place.apis.account][place.apis.region]
    secret = backend.secrets[resource.physical_id]
    if not isinstance(secret, FakeSecret):
        raise TypeError(f"{resource.physical_id} is a replica, which is rotated by its original")
    return secret


def _admitted(function: str, place: Place) -> None:
    """Raise what Secrets Manager answers when the function's policy does not name it."""
    try:
        policy = json.loads(place.apis.call("lambda", "get_policy", {"FunctionName": function})["Policy"])
    except ApiError as error:
        if error.code != "ResourceNotFoundException":
            raise
        policy = {"Statement": []}
    named = [statement.get("Principal") for statement in policy["Statement"]]
    if {"Service": "secretsmanager.amazonaws.com"} not in named:
        raise PermissionError(
            f"Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy of {function} "
            "grants access to the principal secretsmanager.amazonaws.com"
        )


KINDS: dict[str, Kind] = {
    "AWS::SecretsManager::RotationSchedule": Schedule(),
    "Custom::Login": Login(),
}
