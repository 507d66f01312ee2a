"""Databases that began as a replica of the other region's (decision 15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from spec import Deployment
from spec.backup import Backup
from spec.data import Database as DatabaseSettings


@dataclass(frozen=True, slots=True)
class Generation:
    """Which of an environment's databases a site has, and what it is there."""

    number: int
    identifier: str
    kept: bool
    """Whether it stays in the account when it leaves the template: another generation takes its place, not its data."""
    source: str | None = None
    """Identifier of what it replicates; None where it is written to, or was until its region was lost."""
    source_region: str = ""

    @staticmethod
    def of(deployment: Deployment) -> Generation:
        """The site's."""
        return Generation(
            number=deployment.generation,
            identifier=deployment.database_identifier,
            kept=deployment.recovery.stands_in,
            source=deployment.source_database_identifier,
            source_region=deployment.peer_region,
        )

    @property
    def first(self) -> bool:
        """Whether it was made empty. All others were replicas."""
        return self.number == 1

    @property
    def follows(self) -> bool:
        """Whether it is a replica now."""
        return self.source is not None

    @property
    def construct_id(self) -> str:
        """Of the instance: another one for each generation, and so another resource."""
        return "Resource" if self.first else f"Generation{self.number}"

    @property
    def of_others(self) -> str:
        """How the IDs of what belongs to it begin."""
        return "" if self.first else self.construct_id

    def removal(self, otherwise: RemovalPolicy) -> RemovalPolicy:
        """Of its instances, and of all that they go on using: subnet group, parameters, logs. `otherwise`: without a stand-in."""
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.kept else otherwise


def following_instance(
    scope: Construct,
    *,
    generation: Generation,
    settings: DatabaseSettings,
    backup: Backup,
    data_key: kms.IKey,
    shared: dict[str, Any],
) -> rds.DatabaseInstanceReadReplica:
    """A replica across regions; and the same resource after its promotion.

    What differs between the two may be changed in place: the source goes, backups come (AWS::RDS::DBInstance, create-only
    properties; CloudFormation takes the removal of the source for a promotion since 2022). What may not be changed, or came
    with the replica, is absent in both: user, name of the database, engine, size.
    """
    stack = Stack.of(scope)
    source = rds.DatabaseInstance.from_database_instance_attributes(
        scope,
        f"SourceOf{generation.construct_id}",
        # The L2 wants one, and makes an ARN in its own region of it.
        instance_identifier=generation.source or generation.identifier,
        instance_endpoint_address="",
        port=settings.port,
        security_groups=[],
    )
    written: dict[str, Any] = {}
    if not generation.follows:
        written = {
            "backup_retention": Duration.days(backup.retention_days),
            "preferred_backup_window": backup.window,
            "delete_automated_backups": False,
        }
    instance = rds.DatabaseInstanceReadReplica(
        scope,
        generation.construct_id,
        instance_identifier=generation.identifier,
        source_database_instance=source,
        multi_az=settings.multi_az,
        removal_policy=generation.removal(RemovalPolicy.SNAPSHOT),
        **written,
        **shared,
    )
    resource = cast("rds.CfnDBInstance", instance.node.default_child)
    resource.source_db_instance_identifier = (
        f"arn:{stack.partition}:rds:{generation.source_region}:{stack.account}:db:{generation.source}"
        if generation.follows
        else None
    )
    # Without StorageEncrypted, which RDS refuses on a replica: it is encrypted as its source is, with its own region's key.
    resource.kms_key_id = data_key.key_arn
    resource.max_allocated_storage = settings.max_storage_gib
    return instance
