"""The task definition: one container that may do as little as possible on its machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from spec import Deployment
from spec.services import Service
from understudy.acknowledgement import acknowledge
from understudy.execution_permissions import ECR_IMAGE
from understudy.file_system import FileSystem
from understudy.health_check import container_check
from understudy.service_environment import Backends, secrets, variables

FREE_STORAGE_GIB: Final = 20
"""What every Fargate task has; the property takes 21 to 200."""

SHELL_PATHS: Final = ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")
"""Where the agent of ECS Exec writes. AWS's guide says that it needs a writable root file system; with these three
writable it runs (aws/containers-roadmap#1359, aws-containers/amazon-ecs-exec-checker#71)."""

LOG_BUFFER: Final = Size.mebibytes(25)

NO_IMAGE: Final = f"sha256:{'0' * 64}"
"""A digest that no image has."""

VARIABLES_REASON: Final = (
    "Plain variables carry addresses, names and settings alone; every credential is a reference to Secrets Manager, "
    "which the spec's rules enforce."
)
PULL_REASON: Final = "The execution role's policy names this image's repository (task_roles.py); CDK does not see it."

ARCHITECTURES: Final = {"arm64": ecs.CpuArchitecture.ARM64, "x86_64": ecs.CpuArchitecture.X86_64}


@dataclass(frozen=True, slots=True)
class Told:
    """What a container is told."""

    variables: Mapping[str, str]
    secrets: Mapping[str, ecs.Secret]


class Roles(Protocol):
    """Of a task."""

    @property
    def execution(self) -> iam.Role:
        """ECS's own, before the container starts."""

    @property
    def task(self) -> iam.Role:
        """The application's."""


def task_definition(
    scope: Construct,
    construct_id: str,
    *,
    deployment: Deployment,
    name: str,
    backends: Backends,
    roles: Roles,
    log_group: logs.ILogGroup,
    told: Told | None = None,
    family: str | None = None,
) -> ecs.FargateTaskDefinition:
    """`<prefix>-<service>`, or `family`, with one container, named after the service.

    The root file system is read-only, every kernel capability dropped, the user never root. `writable_paths` lie on the
    task's own encrypted storage; the image declares each as a `VOLUME` that its user owns, or the folder belongs to root
    (ECS Developer Guide, bind mounts).

    `told`: what the container is told instead of what a service's are (service_environment.py).

    Logs are written through a buffer of 25 MiB and never block the application; what does not fit is lost.
    """
    service = deployment.services[name]
    told = told or Told(variables(deployment, name, backends), secrets(deployment, name, backends))
    volumes, mounts = _volumes(service)
    task = ecs.FargateTaskDefinition(
        scope,
        construct_id,
        family=family or f"{deployment.prefix}-{name}",
        cpu=int(service.vcpu * 1024),
        memory_limit_mib=int(service.memory_gib * 1024),
        ephemeral_storage_gib=service.storage_gib if service.storage_gib > FREE_STORAGE_GIB else None,
        runtime_platform=ecs.RuntimePlatform(
            cpu_architecture=ARCHITECTURES[service.architecture],
            operating_system_family=ecs.OperatingSystemFamily.LINUX,
        ),
        # Frozen: CDK's own grants would repeat, in an inline policy, what the role has already.
        execution_role=roles.execution.without_policy_updates(),
        task_role=roles.task,
        volumes=volumes,
    )
    linux = ecs.LinuxParameters(task, "Linux", init_process_enabled=True)
    linux.drop_capabilities(ecs.Capability.ALL)
    health = service.health
    container = task.add_container(
        name,
        container_name=name,
        image=_image(Stack.of(task), deployment, name, backends),
        command=list(service.command) or None,
        user=service.user,
        readonly_root_filesystem=True,
        linux_parameters=linux,
        environment=dict(told.variables),
        secrets=dict(told.secrets),
        port_mappings=[ecs.PortMapping(name=name, container_port=service.port)],
        health_check=ecs.HealthCheck(
            command=container_check(service),
            interval=Duration.seconds(health.liveness.interval_seconds),
            timeout=Duration.seconds(health.liveness.timeout_seconds),
            retries=health.liveness.retries,
            start_period=Duration.seconds(health.startup.grace_seconds),
        ),
        logging=ecs.LogDrivers.aws_logs(
            log_group=log_group, stream_prefix=name, mode=ecs.AwsLogDriverMode.NON_BLOCKING, max_buffer_size=LOG_BUFFER
        ),
        stop_timeout=Duration.seconds(service.stop_timeout_seconds),
    )
    files = deployment.storage.files
    if files is not None and backends.files is not None and "files" in service.dependencies:
        task.add_volume(name="files", efs_volume_configuration=_mount(backends.files))
        mounts.append(ecs.MountPoint(source_volume="files", container_path=files.mount_path, read_only=False))
    container.add_mount_points(*mounts)
    acknowledge(task, {"AwsSolutions-ECS2": VARIABLES_REASON})
    if service.image is not None and ECR_IMAGE.match(service.image):
        acknowledge(container, {"Annotation::@aws-cdk/aws-ecs:ecrImageRequiresPolicy": PULL_REASON})
    return task


def _mount(files: FileSystem) -> ecs.EfsVolumeConfiguration:
    """With TLS, as the access point's user, allowed by the task's role."""
    return ecs.EfsVolumeConfiguration(
        file_system_id=files.file_system.file_system_id,
        transit_encryption="ENABLED",
        authorization_config=ecs.AuthorizationConfig(access_point_id=files.access_point.access_point_id, iam="ENABLED"),
    )


def _image(stack: Stack, deployment: Deployment, name: str, backends: Backends) -> ecs.ContainerImage:
    """By digest, always. Before the first release there is none; the service then stands at zero tasks."""
    service = deployment.services[name]
    if service.image is not None:
        return ecs.ContainerImage.from_registry(service.image)
    # Not `repository_uri`, which takes the repository's ARN apart: cfn-lint knows no Fn::Split of another stack's output.
    registry = f"{stack.account}.dkr.ecr.{stack.region}.{stack.url_suffix}"
    digest = deployment.images.get(name, NO_IMAGE)
    return ecs.ContainerImage.from_registry(f"{registry}/{backends.repositories[name].repository_name}@{digest}")


def _volumes(service: Service) -> tuple[list[ecs.Volume], list[ecs.MountPoint]]:
    """Ephemeral storage for each writable path."""
    paths = dict.fromkeys((*service.writable_paths, *SHELL_PATHS))
    names = {path: f"writable-{index}" for index, path in enumerate(paths)}
    volumes = [ecs.Volume(name=name) for name in names.values()]
    mounts = [ecs.MountPoint(source_volume=name, container_path=path, read_only=False) for path, name in names.items()]
    return volumes, mounts
