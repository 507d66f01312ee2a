"""A secret that gets a new value every so often, and alarms for when it does not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec.rotation import Rotation
from understudy.python_handler import PythonHandler

Kind = Literal["application", "administrator", "generated"]
"""Services log in with it; rotation alone logs in with it, as the server's first user; a random value of the application's."""


class RotatingSecret(Construct):
    """A secret with a random value at creation, as JSON: `fields`, and the value under `random_field`.

    Made in two steps, because a server needs its first password before the function that rotates it can know the server:
    `rotate` gives it the function. `consumers` are the services whose tasks start with it. Letters and digits only, so that
    every connection URL carries a password as it is.
    """

    secret: secretsmanager.Secret

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        name: str,
        kind: Kind,
        description: str,
        fields: Mapping[str, str],
        random_field: str,
        length: int,
        consumers: Sequence[str],
        encryption_key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self.full_name = f"{prefix}/{name}"
        """What its metrics and messages call it: environments of one account may share a region."""
        self.kind = kind
        self.length = length
        self.consumers = tuple(consumers)
        self.secret = secretsmanager.Secret(
            self,
            "Resource",
            description=description,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps(dict(fields)),
                generate_string_key=random_field,
                password_length=length,
                exclude_punctuation=True,
            ),
        )
        self._random_field = random_field
        self._function_arn: str | None = None

    @property
    def arn(self) -> str:
        """Of the secret."""
        return self.secret.secret_arn

    @property
    def function_arn(self) -> str:
        """Of the function that rotates it. Raises ValueError before `rotate`."""
        if self._function_arn is None:
            raise ValueError(f"nothing rotates the secret {self.full_name}")
        return self._function_arn

    @property
    def password(self) -> str:
        """A reference that CloudFormation resolves when it deploys; the value is in no template."""
        return self.secret.secret_value_from_json(self._random_field).unsafe_unwrap()

    def rotate(
        self,
        function: PythonHandler,
        rotation: Rotation,
        *,
        attributes: str,
        answer_seconds: int,
        after: Sequence[CfnResource],
    ) -> CfnResource:
        """Complete the secret and make its login valid by `function`, now and after each change of `attributes`; then rotate it.

        Returns the first of these, `Custom::Login`, which waits for `after`: whatever uses the secret may wait for it.
        `answer_seconds`: how long CloudFormation waits for the function.
        """
        self._function_arn = function.arn
        login = CfnResource(
            self,
            "Login",
            type="Custom::Login",
            properties={
                "ServiceToken": function.arn,
                "ServiceTimeout": answer_seconds,
                "SecretId": self.arn,
                "Attributes": attributes,
            },
        )
        for each in after:
            login.add_resource_dependency(each)
        permission = lambda_.CfnPermission(
            self,
            "Invoke",
            action="lambda:InvokeFunction",
            function_name=function.arn,
            principal="secretsmanager.amazonaws.com",
            source_account=Stack.of(self).account,
            source_arn=self.arn,
        )
        schedule = secretsmanager.CfnRotationSchedule(
            self,
            "Schedule",
            secret_id=self.arn,
            rotation_lambda_arn=function.arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                schedule_expression=rotation.schedule, duration=f"{rotation.window_hours}h"
            ),
            # A deployment never changes a password that is in use. Secrets Manager tests the function instead, by the step
            # testSecret alone (User Guide, RotateSecret), which the login has to be valid for.
            rotate_immediately_on_update=False,
        )
        schedule.add_resource_dependency(permission)
        schedule.add_resource_dependency(login)
        return login
