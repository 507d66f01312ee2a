"""Buckets, file system, registries."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from spec import Deployment
from stacks.settings import StackSettings
from understudy.buckets import Buckets
from understudy.custom_resource import EMPTY_BUCKETS, keep_log
from understudy.file_system import FileSystem
from understudy.keys import Keys
from understudy.registry import Registry
from understudy.security_groups import SecurityGroups


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
        **settings: Unpack[StackSettings],
    ) -> None:
        super().__init__(scope, construct_id, **settings)
        prefix, protection, storage = deployment.prefix, deployment.protection, deployment.storage
        self.buckets = Buckets(self, "Buckets", settings=storage, protection=protection, encryption_key=keys.data)
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
            )
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
