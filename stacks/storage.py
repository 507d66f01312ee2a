"""Buckets, file system, registries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.acknowledgement import acknowledge
from understudy.alarms import Alarms
from understudy.backup_findings import outside_plan
from understudy.buckets import Buckets
from understudy.copy_alarms import objects_late
from understudy.custom_resource import EMPTY_BUCKETS, keep_log
from understudy.file_system import FileSystem, FileSystemCopy
from understudy.keys import Keys
from understudy.object_replication import Copied, ObjectReplication
from understudy.registry import Registry
from understudy.security_groups import SecurityGroups


@dataclass(frozen=True, slots=True)
class Follower:
    """The storage of the site that waits, to which this one's is copied."""

    region: str
    storage: StorageStack
    key: kms.IKey


class StorageStack(Stack):
    """What holds objects, files and images. Apart from the database: copies of these are made from one region to the other
    by the region that they come from, so that a stand-in's have to be there before it.
    """

    buckets: Buckets
    files: FileSystem | None = None
    repositories: dict[str, ecr.Repository]
    """By service; of those that are built from source."""

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
        follower: Follower | None = None,
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        prefix, protection, storage = deployment.prefix, deployment.protection, deployment.storage
        self.buckets = Buckets(
            self,
            "Buckets",
            settings=storage,
            protection=protection,
            encryption_key=keys.data,
            not_copied_because=_not_copied_because(deployment),
            records=deployment.recovery.stands_in,
        )
        if storage.files is not None and security_groups.files is not None:
            self.files = FileSystem(
                self,
                "Files",
                prefix=prefix,
                settings=storage.files,
                protection=protection,
                vpc=vpc,
                security_group=security_groups.files,
                encryption_key=keys.data,
                copied_to=_copied_to(deployment, follower),
                overwritten=deployment.following and not deployment.active,
            )
            acknowledge(self.files, outside_plan("EFS", planned="files" in deployment.backed_up))
        self.repositories = Registry(
            self,
            "Registry",
            prefix=prefix,
            services=[name for name, service in deployment.services.items() if service.build is not None],
            protection=protection,
            encryption_key=keys.data,
        ).repositories
        keep_log(
            self,
            EMPTY_BUCKETS,
            prefix=prefix,
            key=keys.logs,
            retention_days=deployment.monitoring.log_retention_days,
        )
        if follower is not None:
            self._copy(deployment, follower, keys, topic_arn)
        elif deployment.following and not deployment.active:
            self._copied(deployment, topic_arn)

    def _copy(self, deployment: Deployment, follower: Follower, keys: Keys, topic_arn: str) -> None:
        """Objects and files, to the site that waits."""
        there = follower.storage.buckets
        pairs = {"data": (self.buckets.data, there.data), "backups": (self.buckets.backups, there.backups)}
        buckets = {name: Copied(here, target) for name, (here, target) in pairs.items() if here and target}
        alarms = Alarms(self, "Alarms", prefix=deployment.prefix, topic_arn=topic_arn)
        if buckets:
            replication = ObjectReplication(
                self,
                "ObjectReplication",
                buckets=buckets,
                source_key=keys.data,
                target_key=follower.key,
                target_region=follower.region,
            )
            alarms.add(replication.alarms)
        if self.files is not None:
            alarms.add(self.files.alarms)

    def _copied(self, deployment: Deployment, topic_arn: str) -> None:
        """What is known here alone about the copies."""
        pairs = {"data": self.buckets.data, "backups": self.buckets.backups}
        buckets = {name: bucket for name, bucket in pairs.items() if bucket}
        alarms = Alarms(self, "Alarms", prefix=deployment.prefix, topic_arn=topic_arn)
        alarms.add(objects_late(buckets, deployment.recovery.objects_minutes))


def _copied_to(deployment: Deployment, follower: Follower | None) -> FileSystemCopy | None:
    if follower is None or follower.storage.files is None:
        return None
    return FileSystemCopy(follower.storage.files.file_system_id, follower.region, deployment.recovery.objects_minutes)


def _not_copied_because(deployment: Deployment) -> str | None:
    """Why no other region has the objects; None where it has."""
    if not deployment.recovery.stands_in:
        return "The environment's YAML asks for no region that stands in (recovery.strategy)."
    if not deployment.following:
        return "Nothing stands in between a failover and the new replica that the spec's recovery.generation asks for."
    return None if deployment.active else "It is the copy, of the active region's."
