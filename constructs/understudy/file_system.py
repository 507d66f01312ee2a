"""A file system that several tasks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_kms as kms
from constructs import Construct

from spec.data import FileSystem as FileSystemSettings
from spec.environment import Protection
from understudy.alarm import Alarm
from understudy.copy_alarms import RUNBOOK
from understudy.metric import Metric
from understudy.removal import removal_policy

POSIX_ID: Final = "1000"
FOLDER: Final = "files"
"""What the access point leads to."""
CLIENT_ACTIONS: Final = [
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientRootAccess",
    "elasticfilesystem:ClientWrite",
]


@dataclass(frozen=True, slots=True)
class FileSystemCopy:
    """Where a file system is copied to, and how far the copy may be behind."""

    file_system_id: str
    region: str
    minutes: float


class FileSystem(Construct):
    """An EFS file system, encrypted, in the isolated subnets, mounted with TLS and by its access point only.

    Who may mount it is a matter of roles: `file_system.grant_read_write(role)`.

    `copied_to` another, everything in it is there within fifteen minutes for most file systems (EFS User Guide, replication
    performance). One that is `overwritten` takes such a copy, and is read-only while it does; when the replication is
    deleted, EFS makes it writable and protects it again.
    """

    file_system: efs.IFileSystem
    file_system_id: str
    access_point: efs.AccessPoint
    """Everything through it happens as user 1000, in a folder of its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        settings: FileSystemSettings,
        protection: Protection,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        encryption_key: kms.IKey,
        copied_to: FileSystemCopy | None = None,
        overwritten: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._copied_to = copied_to
        resource = efs.CfnFileSystem(
            self,
            "Resource",
            encrypted=True,
            kms_key_id=encryption_key.key_arn,
            performance_mode="generalPurpose",
            throughput_mode="elastic",
            lifecycle_policies=[
                efs.CfnFileSystem.LifecyclePolicyProperty(
                    transition_to_ia=_after(settings.infrequent_access_after_days)
                ),
                efs.CfnFileSystem.LifecyclePolicyProperty(transition_to_primary_storage_class="AFTER_1_ACCESS"),
            ],
            file_system_policy=_policy(),
            file_system_protection=efs.CfnFileSystem.FileSystemProtectionProperty(
                replication_overwrite_protection="DISABLED"
            )
            if overwritten
            else None,
            replication_configuration=_replication(copied_to) if copied_to else None,
            file_system_tags=[efs.CfnFileSystem.ElasticFileSystemTagProperty(key="Name", value=f"{prefix}-files")],
        )
        resource.apply_removal_policy(removal_policy(protection))
        self.file_system_id = resource.ref
        group_id = security_group.security_group_id
        for index, subnet in enumerate(vpc.isolated_subnets):
            efs.CfnMountTarget(
                self,
                f"MountTarget{index}",
                file_system_id=resource.ref,
                subnet_id=subnet.subnet_id,
                security_groups=[group_id],
            )
        self.file_system = efs.FileSystem.from_file_system_attributes(
            self, "FileSystem", file_system_id=resource.ref, security_group=security_group
        )
        self.access_point = efs.AccessPoint(
            self,
            "AccessPoint",
            file_system=self.file_system,
            path=f"/{FOLDER}",
            posix_user=efs.PosixUser(uid=POSIX_ID, gid=POSIX_ID),
            create_acl=efs.Acl(owner_uid=POSIX_ID, owner_gid=POSIX_ID, permissions="750"),
        )

    @property
    def alarms(self) -> list[Alarm]:
        """The copy is further behind than may be lost."""
        copy = self._copied_to
        if copy is None:
            return []
        return [
            Alarm(
                subject="files",
                what="copy-late",
                severity="warning",
                meaning=f"The files' copy in {copy.region} is more than {copy.minutes:g} minutes behind.",
                look_first=f"how much has changed; then the state of the replication; {RUNBOOK}.",
                comparison="above",
                threshold=60 * copy.minutes,
                value=Metric(
                    "AWS/EFS",
                    "TimeSinceLastSync",
                    {"FileSystemId": self.file_system_id, "DestinationFileSystemId": copy.file_system_id},
                    "Maximum",
                ),
            )
        ]


def _replication(copy: FileSystemCopy) -> efs.CfnFileSystem.ReplicationConfigurationProperty:
    destination = efs.CfnFileSystem.ReplicationDestinationProperty(
        file_system_id=copy.file_system_id, region=copy.region
    )
    return efs.CfnFileSystem.ReplicationConfigurationProperty(destinations=[destination])


def _after(days: int) -> str:
    return f"AFTER_{days}_DAY" if days == 1 else f"AFTER_{days}_DAYS"


def _policy() -> dict[str, Any]:
    """Refuses; it grants nothing. That there is one also ends EFS's default, by which any client may mount."""
    everybody = {"Effect": "Deny", "Principal": {"AWS": "*"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                **everybody,
                "Action": CLIENT_ACTIONS,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                # The access point cannot be named: it refers to the file system, and would be referred to by it.
                "Sid": "AccessPointOnly",
                **everybody,
                "Action": CLIENT_ACTIONS,
                "Condition": {"Null": {"elasticfilesystem:AccessPointArn": "true"}},
            },
            {"Sid": "NobodyIsRoot", **everybody, "Action": "elasticfilesystem:ClientRootAccess"},
        ],
    }
