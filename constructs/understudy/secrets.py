"""What Secrets Manager keeps: logins of stores, and the application's own secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec.environment import Secret as SecretSettings

PASSWORD_LENGTH: Final = 32


class Login(Construct):
    """A user name and a generated password, as JSON with the keys `username` and `password`.

    Letters and digits only, so that every connection URL carries the password as it is: 32 of them are 190 bits.
    """

    secret: secretsmanager.Secret

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        username: str,
        description: str,
        encryption_key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.Secret(
            self,
            "Resource",
            description=description,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"username": username}),
                generate_string_key="password",
                password_length=PASSWORD_LENGTH,
                exclude_punctuation=True,
            ),
        )

    @property
    def password(self) -> str:
        """A reference that CloudFormation resolves when it deploys; the value is in no template."""
        return self.secret.secret_value_from_json("password").unsafe_unwrap()


class ApplicationSecrets(Construct):
    """The application's own secrets, by the name of the environment variable in which a service gets them.

    Each starts with a random value. A supplied one keeps it until a person puts the real value; a deployment never
    touches the value again.
    """

    secrets: dict[str, secretsmanager.Secret]

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Mapping[str, SecretSettings],
        encryption_key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secrets = {
            name: secretsmanager.Secret(
                self,
                name,
                description=f"{name}: {secret.description}",
                encryption_key=encryption_key,
                removal_policy=removal_policy,
                generate_secret_string=secretsmanager.SecretStringGenerator(
                    password_length=secret.length, exclude_punctuation=True
                ),
            )
            for name, secret in settings.items()
        }
