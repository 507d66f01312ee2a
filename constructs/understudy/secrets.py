"""What Secrets Manager keeps: logins of stores, and the application's own secrets."""

from __future__ import annotations

from typing import Final, Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec import Deployment
from spec.environment import Secret as SecretSettings
from understudy.acknowledgement import acknowledge
from understudy.rotating_secret import RotatingSecret

PASSWORD_LENGTH: Final = 32
"""190 bits. The functions that rotate make passwords of the same length."""

APPLICATION: Final = "application"
"""User that services log in as; of alternating users the first."""
ADMINISTRATOR: Final = "administrator"
"""A server's first user, which rotation alone logs in as."""

UNROTATED: Final = (
    "AwsSolutions-SMG4",
    "HIPAA.Security-SecretsManagerRotationEnabled",
    "NIST.800.53.R5-SecretsManagerRotationEnabled",
)


def login(
    scope: Construct,
    construct_id: str,
    *,
    prefix: str,
    store: str,
    kind: Literal["application", "administrator"],
    consumers: tuple[str, ...],
    encryption_key: kms.IKey,
    removal_policy: RemovalPolicy,
) -> RotatingSecret:
    """A user name and a password for `store`, as JSON with the keys `username` and `password`, until a rotation adds more."""
    administrator = kind == "administrator"
    return RotatingSecret(
        scope,
        construct_id,
        prefix=prefix,
        name=f"{store}-administrator" if administrator else store,
        kind=kind,
        description=f"{prefix}: {'administrator' if administrator else 'login'} of the {store}",
        fields={"username": ADMINISTRATOR if administrator else APPLICATION},
        random_field="password",
        length=PASSWORD_LENGTH,
        consumers=consumers,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )


class ApplicationSecrets(Construct):
    """The application's own secrets, by the name of the environment variable in which a service gets them.

    Each starts with a random value. A generated one is JSON with the key `value`, to which its rotation adds `next` and
    `previous`; one that says why it is not rotated stays as it is. A supplied one is a plain string, random until a person
    puts the real value; a deployment never touches it again.
    """

    secrets: dict[str, secretsmanager.ISecret]
    rotated: list[RotatingSecret]
    supplied: dict[str, secretsmanager.Secret]

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        encryption_key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secrets, self.rotated, self.supplied = {}, [], {}
        for name, settings in deployment.secrets.items():
            description = f"{name}: {settings.description}"
            if settings.source == "supplied":
                self.supplied[name] = secretsmanager.Secret(
                    self,
                    name,
                    description=description,
                    encryption_key=encryption_key,
                    removal_policy=removal_policy,
                    generate_secret_string=secretsmanager.SecretStringGenerator(
                        password_length=settings.length, exclude_punctuation=True
                    ),
                )
                self.secrets[name] = self.supplied[name]
                acknowledge(self.supplied[name], dict.fromkeys(UNROTATED, _supplied_reason(settings)))
                continue
            generated = RotatingSecret(
                self,
                name,
                prefix=deployment.prefix,
                name=name,
                kind="generated",
                description=description,
                fields={},
                random_field="value",
                length=settings.length,
                consumers=[service for service, each in deployment.services.items() if name in each.secrets],
                encryption_key=encryption_key,
                removal_policy=removal_policy,
            )
            self.secrets[name] = generated.secret
            if settings.unrotated_because is None:
                self.rotated.append(generated)
            else:
                reason = f"The environment's YAML says why it stays: {settings.unrotated_because}"
                acknowledge(generated, dict.fromkeys(UNROTATED, reason))


def _supplied_reason(settings: SecretSettings) -> str:
    return (
        "Whoever supplied the value makes the next one, and no function can ask for it: a person puts it here. An alarm "
        f"asks for it after {settings.replace_after_days} days."
    )
