"""Database, cache, queue, secrets and their rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack, cast

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.cache import Cache
from understudy.database import Database
from understudy.database_generation import Generation
from understudy.keys import Keys
from understudy.queue import Queue
from understudy.removal import removal_policy
from understudy.rotations import Rotations
from understudy.secrets import ApplicationSecrets
from understudy.security_groups import SecurityGroups


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """A secret of one site, of which the other has its like."""

    secret: secretsmanager.ISecret
    refreshed: bool
    """Whether tasks start with it, and are brought to each new value."""

    @property
    def arn(self) -> str:
        """Of the resource: unlike that of the construct around it, it reaches another region."""
        return cast("secretsmanager.CfnSecret", self.secret.node.default_child).ref


class DataStack(Stack):
    """What must not be lost, and changes rarely."""

    database: Database | None = None
    cache: Cache | None = None
    queue: Queue | None = None
    application_secrets: dict[str, secretsmanager.ISecret]
    """By the name of the environment variable in which a service gets them."""
    rotations: Rotations

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        vpc: ec2.IVpc,
        security_groups: SecurityGroups,
        keys: Keys,
        topic_arn: str,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        self._stores(deployment, vpc, security_groups, keys)
        application_secrets = ApplicationSecrets(
            self,
            "ApplicationSecrets",
            deployment=deployment,
            encryption_key=keys.secrets,
            removal_policy=removal_policy(deployment.protection),
        )
        self._application_secrets = application_secrets
        self.application_secrets = application_secrets.secrets
        self.rotations = Rotations(
            self,
            "Rotation",
            deployment=deployment,
            vpc=vpc,
            security_groups=security_groups.rotation,
            keys=keys,
            topic_arn=topic_arn,
            database=self.database,
            cache=self.cache,
            queue=self.queue,
            application_secrets=application_secrets,
        )

    @property
    def of_both_sites(self) -> dict[str, SharedSecret]:
        """Secrets of which both sites need the same values, by name: the database's logins, which a replica has too, and the
        application's own. Logins of cache and queue are each site's.
        """
        rotating = [*(self.database.logins if self.database else ()), *self._application_secrets.rotated]
        found = {each.name: SharedSecret(each.secret, bool(each.consumers)) for each in rotating}
        others = {name: secret for name, secret in self._application_secrets.secrets.items() if name not in found}
        return found | {name: SharedSecret(secret, refreshed=False) for name, secret in others.items()}

    @property
    def empty(self) -> bool:
        """Whether the environment has neither a store nor a secret: CloudFormation makes no stack without resources."""
        return not (self.database or self.cache or self.queue or self.application_secrets)

    def _stores(self, deployment: Deployment, vpc: ec2.IVpc, security_groups: SecurityGroups, keys: Keys) -> None:
        """What the environment has of database, cache and queue; each has its security group."""
        prefix, backup, protection = deployment.prefix, deployment.backup, deployment.protection
        log_retention_days = deployment.monitoring.log_retention_days
        if deployment.database is not None and security_groups.database is not None:
            self.database = Database(
                self,
                "Database",
                prefix=prefix,
                generation=Generation.of(deployment),
                settings=deployment.database,
                backup=backup,
                protection=protection,
                vpc=vpc,
                security_group=security_groups.database,
                data_key=keys.data,
                secrets_key=keys.secrets,
                logs_key=keys.logs,
                log_retention_days=log_retention_days,
                rotation=deployment.rotation,
                consumers=deployment.dependents("database"),
            )
        if deployment.cache is not None and security_groups.cache is not None:
            self.cache = Cache(
                self,
                "Cache",
                prefix=prefix,
                settings=deployment.cache,
                backup=backup,
                protection=protection,
                vpc=vpc,
                security_group=security_groups.cache,
                data_key=keys.data,
                secrets_key=keys.secrets,
                logs_key=keys.logs,
                log_retention_days=log_retention_days,
                consumers=deployment.dependents("cache"),
            )
        if deployment.queue is not None and security_groups.queue is not None:
            self.queue = Queue(
                self,
                "Queue",
                prefix=prefix,
                settings=deployment.queue,
                protection=protection,
                vpc=vpc,
                security_group=security_groups.queue,
                data_key=keys.data,
                secrets_key=keys.secrets,
                consumers=deployment.dependents("queue"),
            )
