"""Backups that are restored on schedule, looked into, judged, and removed."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from spec import Deployment
from understudy.backup_permissions import RESTORED, BackedUp
from understudy.backup_vault import BackupVault
from understudy.backup_watch import TestingPlan
from understudy.buckets import Buckets
from understudy.database import Database
from understudy.file_system import FOLDER, FileSystem
from understudy.keys import Keys
from understudy.python_handler import HandlerSettings
from understudy.release_permissions import Place
from understudy.restore_files_task import CONTAINER, RestoreFilesTask
from understudy.restore_look import Looking, RestoreLook
from understudy.restore_permissions import buckets as bucket_statements
from understudy.restore_permissions import files as files_statements
from understudy.restore_permissions import live_database, restored_databases
from understudy.restore_testing import RestoreTesting
from understudy.security_groups import SecurityGroups


class RestoreTests(Construct):
    """The plan, and for each kind of store somebody who looks."""

    plan: TestingPlan

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        handlers: HandlerSettings,
        vault: BackupVault,
        role: iam.CfnRole,
        resources: Sequence[BackedUp],
        vpc: ec2.IVpc,
        security_groups: SecurityGroups,
        keys: Keys,
        topic_arn: str,
        database: Database | None,
        buckets: Buckets,
        files: FileSystem | None,
    ) -> None:
        super().__init__(scope, construct_id)
        tests = deployment.backup.restore_tests
        if tests is None or buckets.backups is None:
            raise ValueError("restore tests need settings, and a bucket for manifests")
        self._tests, self._vpc, self._groups, self._keys = tests, vpc, security_groups, keys
        self._place = Place.of(Stack.of(self), deployment.prefix)
        testing = RestoreTesting(
            self,
            "Plan",
            prefix=deployment.prefix,
            settings=tests,
            vault=vault,
            resources=resources,
            role=role,
            overrides={
                "database": _database_overrides(database, security_groups) if database else {},
                "data": {"encryptionType": "SSE-KMS", "kmsKey": keys.data.key_arn},
                "files": {"kmsKeyId": keys.data.key_arn},
            },
        )
        self.plan = testing.plan
        self._settings = Looking(handlers, deployment.backup, buckets.backups, keys.data, topic_arn, testing.plan.arn)
        kinds = {each.kind: each for each in resources}
        if database is not None and "database" in kinds:
            self._database(database)
        if buckets.data is not None and "data" in kinds:
            RestoreLook(
                self,
                "Data",
                kind="data",
                settings=self._settings,
                told={"bucket": kinds["data"].name},
                statements=bucket_statements(self._place, buckets.data),
            )
        if files is not None and "files" in kinds:
            self._files(files)

    def _database(self, database: Database) -> None:
        group = self._groups.restores
        RestoreLook(
            self,
            "Database",
            kind="database",
            settings=self._settings,
            told={
                "database": {
                    "secret_arn": database.secret.secret_arn,
                    "host": database.reader_hosts[0] if database.reader_hosts else database.host,
                    "port": database.port,
                    "name": database.name,
                    "columns": list(self._tests.newest_columns),
                    "secrets_key_arn": self._keys.secrets.key_arn,
                }
            },
            statements=[
                *live_database(database.secret.secret_arn),
                *restored_databases(self._place, f"{RESTORED}*", self._keys.secrets),
            ],
            subnet_ids=[subnet.subnet_id for subnet in self._vpc.private_subnets],
            security_group_ids=[group.security_group_id] if group else [],
        )

    def _files(self, files: FileSystem) -> None:
        handlers, looks, copies = self._settings.handlers, self._groups.restores, self._groups.restored
        task = RestoreFilesTask(self, "FilesTask", handlers=handlers, image=self._tests.image, files=files)
        RestoreLook(
            self,
            "Files",
            kind="files",
            settings=self._settings,
            told={
                "files": {
                    "file_system_id": files.file_system.file_system_id,
                    "cluster": handlers.prefix,
                    "task_definition": task.family,
                    "container": CONTAINER,
                    "log_group": task.log_group,
                    "log_prefix": CONTAINER,
                    "subnets": [self._vpc.private_subnets[0].subnet_id],
                    "security_groups": [looks.security_group_id] if looks else [],
                    "mount_subnet": self._vpc.isolated_subnets[0].subnet_id,
                    "mount_security_group": copies.security_group_id if copies else "",
                    "folder": FOLDER,
                }
            },
            statements=files_statements(
                self._place, family=task.family, role_arns=task.role_arns, log_group=task.log_group
            ),
        )


def _database_overrides(database: Database, groups: SecurityGroups) -> dict[str, object]:
    """Beside the running one, where nobody but the look reaches it; in one zone, since it lives for hours.

    No other key may be given than those that AWS Backup calls overridable (Developer Guide, restore testing inferred metadata).
    """
    return {
        "dbSubnetGroupName": database.subnet_group_name,
        "dbParameterGroupName": database.parameter_group_name,
        "vpcSecurityGroupIds": [groups.restored.security_group_id] if groups.restored else [],
        "multiAz": "false",
        "publiclyAccessible": "false",
    }
