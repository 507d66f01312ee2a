"""Rotation of every secret of an environment, and who looks whether it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec import Deployment
from understudy.acknowledgement import acknowledge
from understudy.cache import Cache
from understudy.database import Database
from understudy.keys import Keys
from understudy.python_handler import DormantHandler, HandlerSettings
from understudy.queue import Queue
from understudy.release_permissions import Place
from understudy.rotating_secret import RotatingSecret
from understudy.secret_alarms import replacement_alarm
from understudy.secret_rotation import RotationSettings, SecretRotation, Server, function_name
from understudy.secret_watch import SecretWatch
from understudy.secrets import UNROTATED, ApplicationSecrets

SECRETS_PER_FUNCTION: Final = 8
"""What a function is told about secrets has to fit into its variables, 4 KiB together (Lambda Developer Guide, quotas). An ARN
is about 150 characters long; names are limited by the spec (spec/rules/rotation.py)."""

COPIED: Final = (
    "It rotates in the active region, and each version of it is copied here within a minute. When this region becomes active, "
    "it rotates here."
)

Part = TypeVar("Part")


class Rotations(Construct):
    """A function for each store with logins, in the VPC; one for generated secrets, outside; and a watch over all.

    An environment without secrets has none of it. Where a site waits, only the logins of its own cache and queue rotate:
    those of the database are its source's, and the application's secrets are the active site's. They are copied (decision 17).
    """

    secrets: list[RotatingSecret]
    """Every secret that is rotated, with its consumers and the ARN of its function."""
    copies: list[RotatingSecret]
    """Where a site waits: those of which the values are the active site's."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        vpc: ec2.IVpc,
        security_groups: dict[str, ec2.SecurityGroup],
        keys: Keys,
        topic_arn: str,
        database: Database | None,
        cache: Cache | None,
        queue: Queue | None,
        application_secrets: ApplicationSecrets,
    ) -> None:
        """`security_groups`: the functions', by store."""
        super().__init__(scope, construct_id)
        self.secrets, self.copies = [], []
        stores = {"database": database, "cache": cache, "queue": queue}
        if not any(stores.values()) and not application_secrets.rotated and not application_secrets.supplied:
            return
        settings = RotationSettings(
            place=Place.of(Stack.of(self), deployment.prefix),
            rotation=deployment.rotation,
            handlers=HandlerSettings.of(self, deployment, logs_key=keys.logs, topic_arn=topic_arn),
            secrets_key=keys.secrets,
            subnet_ids=[subnet.subnet_id for subnet in vpc.private_subnets],
        )
        for name, store in stores.items():
            if isinstance(store, Database) and not deployment.active:
                self._copied(name, settings.handlers, store.logins)
            elif store is not None:
                SecretRotation(
                    self,
                    name,
                    name=name,
                    settings=settings,
                    server=store.server,
                    secrets=store.logins,
                    security_group_id=security_groups[name].security_group_id,
                    after=[store.attachment] if isinstance(store, Database) and store.attachment else (),
                )
                self.secrets += store.logins
        for number, secrets in _parts(application_secrets.rotated):
            name = f"generated{number}"
            if not deployment.active:
                self._copied(name, settings.handlers, secrets)
                continue
            SecretRotation(self, name, name=name, settings=settings, server=Server("generated"), secrets=secrets)
            self.secrets += secrets
        self._watch(deployment, settings.handlers, application_secrets.supplied)

    def _copied(self, name: str, handlers: HandlerSettings, secrets: Sequence[RotatingSecret]) -> None:
        """Secrets whose values are the active site's, and whose function sleeps here."""
        DormantHandler(Construct(self, name), "Function", settings=handlers, name=function_name(name))
        for each in secrets:
            acknowledge(each, dict.fromkeys(UNROTATED, COPIED))
        self.copies += secrets

    def _watch(
        self, deployment: Deployment, handlers: HandlerSettings, supplied: Mapping[str, secretsmanager.Secret]
    ) -> None:
        """Over what is rotated, and over what a person has to replace: both where that happens."""
        watched = [(secret.full_name, secret.arn) for secret in self.secrets]
        if deployment.active:
            for name, secret in supplied.items():
                full_name = f"{deployment.prefix}/{name}"
                watched.append((full_name, secret.secret_arn))
                days = deployment.secrets[name].replace_after_days
                handlers.alarms.add([replacement_alarm(name, full_name, days)])
        elsewhere = len(self.copies) + (0 if deployment.active else len(supplied))
        here = dict(_parts(watched))
        for number, _ in _parts(range(len(watched) + elsewhere)):
            name = f"secret-watch{number}"
            if number in here:
                SecretWatch(self, name, handlers=handlers, name=name, secrets=dict(here[number]))
            else:
                DormantHandler(Construct(self, name), "Function", settings=handlers, name=name)


def _parts(everything: Sequence[Part]) -> Iterator[tuple[str, Sequence[Part]]]:
    """As many together as a function takes, with what its name ends in: nothing, `-2`, `-3`."""
    for begin in range(0, len(everything), SECRETS_PER_FUNCTION):
        number = begin // SECRETS_PER_FUNCTION + 1
        yield "" if number == 1 else f"-{number}", everything[begin : begin + SECRETS_PER_FUNCTION]
