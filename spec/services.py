"""The application's containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from spec.model import HttpPath, Model, Name, PathPattern, Percent, Port, VariableName
from spec.release import Migration, Release


class Build(Model):
    """An image built from source, kept in the environment's own registry and released by digest."""

    context: str
    """Folder with the source, relative to the repository that holds it."""
    dockerfile: str = "Dockerfile"
    """Path of the Dockerfile inside the context."""


class StartupCheck(Model):
    """How long a new task may take before checks count against it."""

    grace_seconds: Annotated[int, Field(ge=0, le=300)] = 60
    """Failures within this time after the start are ignored. ECS allows at most 300 for a container."""
    expected_seconds: Annotated[int, Field(ge=1, le=600)] = 40
    """From the scheduler's decision to a container that answers: address, image pull, start. Measure yours: objectives count it."""


class ReadinessCheck(Model):
    """The load balancer's check: may this task get requests?"""

    path: HttpPath = "/ready"
    expected_status: Annotated[str, Field(pattern=r"^[2-4]\d\d([-,][2-4]\d\d)*$")] = "200"
    """Status codes that count as ready, as a target group writes them: "200", "200-299", "200,204"."""
    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 10
    timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 5
    healthy_threshold: Annotated[int, Field(ge=2, le=10)] = 2
    """Successes in a row until a task counts as ready."""
    unhealthy_threshold: Annotated[int, Field(ge=2, le=10)] = 3
    """Failures in a row until a task gets no more requests and is replaced."""


class LivenessCheck(Model):
    """The container's own check: is the process still of use, or must it be replaced?"""

    path: HttpPath = "/health"
    """Asked on localhost by `wget`, which the image must have; or give a `command`."""
    command: tuple[str, ...] = ()
    """Instead of asking the path: a program and its arguments, status 0 meaning healthy, such as [node, healthcheck.js]."""
    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    timeout_seconds: Annotated[int, Field(ge=2, le=60)] = 5
    retries: Annotated[int, Field(ge=1, le=10)] = 3


class CustomCheck(Model):
    """One more path that has to answer with success for the container to count as healthy."""

    name: Name
    path: HttpPath


class Health(Model):
    """Startup, readiness and liveness, and checks of the application's own."""

    startup: StartupCheck = StartupCheck()
    readiness: ReadinessCheck = ReadinessCheck()
    liveness: LivenessCheck = LivenessCheck()
    custom: tuple[CustomCheck, ...] = ()


class QueueDepth(Model):
    """Scale by the messages that wait in one queue."""

    queue: Annotated[str, Field(min_length=1, max_length=255)]
    """Name of the queue in RabbitMQ."""
    virtual_host: Annotated[str, Field(min_length=1)] = "/"
    messages_per_replica: Annotated[float, Field(gt=0)]
    """Ready messages per running task that scaling aims for."""


class ScheduledScaling(Model):
    """Change the bounds of scaling at set times."""

    name: Name
    cron: Annotated[str, Field(pattern=r"^cron\(.+\)$")]
    """As Application Auto Scaling writes it: cron(0 7 ? * MON-FRI *)."""
    timezone: str = "Etc/UTC"
    """Name of an IANA time zone."""
    min_replicas: Annotated[int, Field(ge=0, le=1000)]
    max_replicas: Annotated[int, Field(ge=1, le=1000)]


class Scaling(Model):
    """Target tracking; the largest number of tasks that any target asks for wins."""

    max_replicas: Annotated[int, Field(ge=1, le=1000)]
    """Upper bound; the lower is `replicas`."""
    cpu_percent: Percent | None = 60.0
    """Average CPU to aim for. null: do not scale by CPU."""
    memory_percent: Percent | None = 70.0
    """Average memory to aim for. null: do not scale by memory."""
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    """Requests per minute and task to aim for."""
    queue_depth: QueueDepth | None = None
    schedules: tuple[ScheduledScaling, ...] = ()
    scale_in_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    scale_out_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 60


class Service(Model):
    """One container that runs as several equal tasks on Fargate."""

    image: str | None = None
    """An image by digest: registry/name@sha256:... Give this or `build`."""
    build: Build | None = None
    """Source to build. The image's digest then comes from the file of images beside the application's."""
    command: tuple[str, ...] = ()
    """Instead of the image's own command."""
    port: Port
    """Where the container listens, above 1023: it does not run as root. Plain HTTP; see `protocol`."""
    protocol: Literal["http", "https"] = "http"
    """What the load balancer speaks to the container; `https` for containers that carry a certificate of their own."""
    public: tuple[PathPattern, ...] = ()
    """Paths that reach this service from outside. ["/*"] for the one that answers everything else; none: private."""
    vcpu: Annotated[float, Field(gt=0)]
    memory_gib: Annotated[float, Field(gt=0)]
    storage_gib: Annotated[int, Field(ge=20, le=200)] = 20
    """Ephemeral storage; every Fargate task has 20."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    replicas: Annotated[int, Field(ge=1, le=1000)] = 2
    """Tasks that run at least."""
    scaling: Scaling | None = None
    """null: always `replicas` tasks."""
    scale_in_protection: bool = False
    """Let a task protect itself from scale-in while it works on something, through the ECS agent's task-protection endpoint."""
    health: Health = Health()
    release: Release = Release()
    migration: Migration | None = None
    """null: the service migrates nothing."""
    variables: Mapping[VariableName, str] = Field(default_factory=dict)
    """Environment variables of this service, over the application's `variables`."""
    secrets: tuple[VariableName, ...] = ()
    """Names from the application's `secrets`; each reaches the container as an environment variable."""
    dependencies: tuple[str, ...] = ()
    """What this service talks to: other services by name, and `database`, `cache`, `queue`, `data`, `files`. Nothing else is reachable."""
    user: Annotated[str, Field(pattern=r"^[1-9]\d{0,9}(:[1-9]\d{0,9})?$")] = "1000"
    """Numeric user, or user:group, that the container runs as; never root (0)."""
    writable_paths: tuple[HttpPath, ...] = ("/tmp",)  # noqa: S108 - a mount point inside the container
    """Folders on ephemeral storage; the root file system is read-only."""
    deregistration_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    """How long a leaving task may finish the requests it has."""
    stop_timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 30
    """From SIGTERM to SIGKILL. Fargate allows 120."""
