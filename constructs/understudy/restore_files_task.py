"""The task that looks into the file system, and by whose example one looks into a restored copy."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from understudy.acknowledgement import acknowledge
from understudy.encrypted_log_group import encrypted_log_group
from understudy.file_system import FileSystem
from understudy.python_handler import HandlerSettings
from understudy.service_role import service_role
from understudy.statement import Statement
from understudy.task import VARIABLES_REASON

SCRIPT: Final = Path(__file__).with_name("restore_files.sh")
CONTAINER: Final = "look"
MOUNTED: Final = "/mnt/files"
DROPPED: Final = (
    "AUDIT_WRITE",
    "CHOWN",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
)
"""Every capability that a container has but DAC_OVERRIDE, by which it reads what belongs to others."""


class DormantFilesTask(Construct):
    """The task's log, where a site waits. It stays when the task goes, as a function's does (python_handler.py)."""

    def __init__(self, scope: Construct, construct_id: str, *, handlers: HandlerSettings) -> None:
        super().__init__(scope, construct_id)
        _log(self, handlers)


class RestoreFilesTask(Construct):
    """`<prefix>-restore-files`: counts and hashes files, reads and never writes them, and prints what it found.

    As root inside the container, with no capability but the one to read what belongs to others: in a copy, files have their
    owners and no access point stands in between.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, handlers: HandlerSettings, image: str, files: FileSystem
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        prefix = handlers.prefix
        self.family = f"{prefix}-restore-files"
        group = _log(self, handlers)
        self.log_group = _log_name(handlers)
        execution = service_role(
            self,
            "Execution",
            service="ecs-tasks.amazonaws.com",
            description=f"{prefix}: starts the task that looks into files",
            statements=[Statement("Log", ("logs:CreateLogStream", "logs:PutLogEvents"), (group.attr_arn,))],
        )
        task = service_role(
            self,
            "Task",
            service="ecs-tasks.amazonaws.com",
            description=f"{prefix}: looks into files",
            statements=[
                Statement(
                    "Mount",
                    ("elasticfilesystem:ClientMount",),
                    (files.file_system.file_system_arn,),
                    {"StringEquals": {"elasticfilesystem:AccessPointArn": files.access_point.access_point_arn}},
                )
            ],
        )
        self.role_arns = [execution.attr_arn, task.attr_arn]
        definition = ecs.CfnTaskDefinition(
            self,
            "Resource",
            family=self.family,
            cpu="256",
            memory="512",
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=ecs.CfnTaskDefinition.RuntimePlatformProperty(
                cpu_architecture="ARM64", operating_system_family="LINUX"
            ),
            execution_role_arn=execution.attr_arn,
            task_role_arn=task.attr_arn,
            volumes=[
                ecs.CfnTaskDefinition.VolumeProperty(
                    name="files",
                    efs_volume_configuration=ecs.CfnTaskDefinition.EFSVolumeConfigurationProperty(
                        filesystem_id=files.file_system.file_system_id,
                        transit_encryption="ENABLED",
                        authorization_config=ecs.CfnTaskDefinition.AuthorizationConfigProperty(
                            access_point_id=files.access_point.access_point_id, iam="ENABLED"
                        ),
                    ),
                ),
                ecs.CfnTaskDefinition.VolumeProperty(name="scratch"),
            ],
            container_definitions=[
                ecs.CfnTaskDefinition.ContainerDefinitionProperty(
                    name=CONTAINER,
                    image=image,
                    essential=True,
                    user="0",
                    readonly_root_filesystem=True,
                    entry_point=["sh", "-c", SCRIPT.read_text(encoding="utf-8"), CONTAINER],
                    environment=[
                        ecs.CfnTaskDefinition.KeyValuePairProperty(name="ROOT", value=MOUNTED),
                        ecs.CfnTaskDefinition.KeyValuePairProperty(name="FOLDER", value=""),
                    ],
                    linux_parameters=ecs.CfnTaskDefinition.LinuxParametersProperty(
                        init_process_enabled=True,
                        capabilities=ecs.CfnTaskDefinition.KernelCapabilitiesProperty(drop=list(DROPPED)),
                    ),
                    mount_points=[
                        ecs.CfnTaskDefinition.MountPointProperty(
                            source_volume="files", container_path=MOUNTED, read_only=True
                        ),
                        ecs.CfnTaskDefinition.MountPointProperty(source_volume="scratch", container_path="/tmp"),  # noqa: S108
                    ],
                    log_configuration=ecs.CfnTaskDefinition.LogConfigurationProperty(
                        log_driver="awslogs",
                        options={
                            "awslogs-group": group.ref,
                            "awslogs-region": stack.region,
                            "awslogs-stream-prefix": CONTAINER,
                        },
                    ),
                )
            ],
        )
        acknowledge(definition, {"AwsSolutions-ECS2": VARIABLES_REASON})


def _log(task: Construct, handlers: HandlerSettings) -> logs.CfnLogGroup:
    return encrypted_log_group(
        task,
        "Log",
        name=_log_name(handlers),
        key=handlers.logs_key,
        retention_days=handlers.retention_days,
        removal_policy=handlers.removal_policy,
    )


def _log_name(handlers: HandlerSettings) -> str:
    return f"/{handlers.prefix}/task/restore-files"
