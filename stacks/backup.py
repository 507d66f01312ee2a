"""Vault, plans, restore tests, and the way back to a moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.backup_permissions import BackedUp, backups, restores
from understudy.backup_plan import BackupPlan
from understudy.backup_vault import BackupVault, vault_arn
from understudy.backup_watch import BackupWatch
from understudy.bucket_objects import judged_objects
from understudy.buckets import Buckets
from understudy.database import Database
from understudy.dormant_backups import dormant_backups
from understudy.file_system import FileSystem
from understudy.keys import Keys
from understudy.point_in_time import PointInTime
from understudy.python_handler import HandlerSettings
from understudy.release_permissions import Place
from understudy.removal import removal_policy
from understudy.restore_tests import RestoreTests
from understudy.security_groups import SecurityGroups
from understudy.service_role import service_role


class VaultStack(Stack):
    """Of a region in which nothing stands: the vault that copies go to."""

    vault: BackupVault

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment, **settings: Unpack[StackSettings]
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        self.vault = BackupVault(
            self,
            "Vault",
            prefix=deployment.prefix,
            lock=deployment.backup.lock,
            rotation_days=deployment.encryption.key_rotation_days,
            removal_policy=removal_policy(deployment.protection),
        )


class BackupStack(VaultStack):
    """Of a site. Where it is active: what is taken, where it goes, who looks whether it can be restored.

    Where it waits: the vault that copies go to, the role by which AWS Backup removes what it took here once its time is over,
    and the logs.
    """

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
        database: Database | None,
        buckets: Buckets,
        files: FileSystem | None,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, deployment=deployment, **settings)
        place = Place.of(self, deployment.prefix)
        resources = list(_resources(deployment, place, keys, buckets, files))
        handlers = HandlerSettings.of(self, deployment, logs_key=keys.logs, topic_arn=topic_arn)
        copied_to = deployment.peer_region if deployment.copies_backups else None
        role = service_role(
            self,
            "Backups",
            service="backup.amazonaws.com",
            description=f"{deployment.prefix}: takes backups",
            statements=backups(place, resources, key_arn=self.vault.key.key_arn, copied_to=copied_to),
        )
        if not deployment.active:
            dormant_backups(self, deployment=deployment, handlers=handlers)
            return
        copies_arn = vault_arn(self, deployment.prefix, copied_to) if copied_to else None
        BackupPlan(
            self,
            "Plan",
            prefix=deployment.prefix,
            settings=deployment.backup,
            vault=self.vault,
            copies_arn=copies_arn,
            resources=resources,
            role=role,
        )
        tests = None
        if deployment.backup.restore_tests is not None:
            tests = RestoreTests(
                self,
                "RestoreTests",
                deployment=deployment,
                handlers=handlers,
                vault=self.vault,
                role=service_role(
                    self,
                    "Restores",
                    service="backup.amazonaws.com",
                    description=f"{deployment.prefix}: restores backups to test them",
                    statements=restores(place, resources, self.vault.arn, [self.vault.key.key_arn]),
                ),
                resources=resources,
                vpc=vpc,
                security_groups=security_groups,
                keys=keys,
                topic_arn=topic_arn,
                database=database,
                buckets=buckets,
                files=files,
            )
        BackupWatch(
            self,
            "Watch",
            deployment=deployment,
            handlers=handlers,
            topic_arn=topic_arn,
            vault=self.vault.name,
            vault_arn=self.vault.arn,
            resources=resources,
            copies_arn=copies_arn,
            plan=tests.plan if tests else None,
        )
        if database is not None and security_groups.restores is not None and security_groups.database is not None:
            PointInTime(
                self,
                "PointInTime",
                deployment=deployment,
                handlers=handlers,
                database=database,
                database_group=security_groups.database,
                keys=keys,
                topic_arn=topic_arn,
                records=buckets.backups,
                subnet_ids=[subnet.subnet_id for subnet in vpc.private_subnets],
                security_group_ids=[security_groups.restores.security_group_id],
            )


def _resources(
    deployment: Deployment, place: Place, keys: Keys, buckets: Buckets, files: FileSystem | None
) -> Iterator[BackedUp]:
    """Of what the spec names those that are there; the database by its name, which is fixed."""
    key_arn = keys.data.key_arn
    if "database" in deployment.backed_up:
        identifier = deployment.database_identifier
        yield BackedUp("database", place.arn("rds", f"db:{identifier}"), identifier, key_arn)
    if "data" in deployment.backed_up and (bucket := buckets.data) is not None:
        yield BackedUp("data", bucket.bucket_arn, bucket.bucket_name, key_arn, judged_objects(bucket))
    if "files" in deployment.backed_up and files is not None:
        file_system = files.file_system
        yield BackedUp("files", file_system.file_system_arn, file_system.file_system_id, key_arn)
