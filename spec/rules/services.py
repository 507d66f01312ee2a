"""Services that could not be built, or that refer to what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from spec.deployment import RESOURCES, Deployment
from spec.problem import Finding, Path
from spec.services import Service
from spec.tables.fargate import MEMORY_GIB_BY_VCPU, nearest_size

IMAGE_BY_DIGEST: Final = re.compile(r"[a-z0-9.-]+(:\d+)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
FIRST_UNPRIVILEGED_PORT: Final = 1024
PATTERNS_PER_RULE: Final = 5
"""Values that the conditions of one listener rule may have (ELB User Guide, quotas)."""

PROVIDED_VARIABLES: Final = re.compile(r"(DATABASE|CACHE|QUEUE|DATA|FILES)_[A-Z_]+|LOG_LEVEL|PORT|[A-Z0-9_]+_URL")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Each service by itself, then all together."""
    yield from _provided(deployment.variables, ("variables",))
    for name, service in deployment.services.items():
        path = ("services", name)
        yield from _name(name, path)
        yield from _image(service, path)
        yield from _size(service, path)
        yield from _health(service, path)
        yield from _scaling(deployment, name, service)
        yield from _variables(deployment, service, path)
    yield from _ports(deployment)
    yield from _public(deployment)
    yield from _cycle(deployment)


def references(deployment: Deployment, declared: Mapping[str, Any]) -> Iterator[Finding]:
    """Dependencies that are not there; `declared` has every service of the document, the broken ones too."""
    present = {name for name in ("database", "cache", "queue") if getattr(deployment, name)}
    present |= {name for name in ("data", "files") if getattr(deployment.storage, name)}
    for name, service in deployment.services.items():
        for index, dependency in enumerate(service.dependencies):
            path = ("services", name, "dependencies", index)
            if dependency == name:
                yield Finding(path, "a service cannot depend on itself", "Remove it")
            elif dependency in service.dependencies[:index]:
                yield Finding(path, f"{dependency!r} stands twice", "Keep one of the two")
            elif dependency in RESOURCES and dependency not in present:
                section = f"storage.{dependency}" if dependency in {"data", "files"} else dependency
                yield Finding(
                    path,
                    f"there is no {dependency} in this environment",
                    f"Define `{section}`, or remove it",
                    (_section(section),),
                )
            elif dependency not in RESOURCES and dependency not in declared:
                yield Finding(
                    path,
                    f"there is no service {dependency!r}",
                    f"Known here: {', '.join(sorted({*declared, *present} - {name}))}",
                )


def _section(dotted: str) -> Path:
    return tuple(dotted.split("."))


def _name(name: str, path: Path) -> Iterator[Finding]:
    if name in RESOURCES:
        yield Finding(
            path,
            f"{name!r} is the name of a resource that services depend on",
            "Take another name for the service",
        )
    elif len(name) > 24:
        yield Finding(path, f"the name has {len(name)} characters", "Take at most 24")


def _image(service: Service, path: Path) -> Iterator[Finding]:
    if (service.image is None) == (service.build is None):
        reason = "has neither `image` nor `build`" if service.image is None else "has both `image` and `build`"
        yield Finding(path, reason, "Give exactly one: an image by digest, or a build context")
    elif service.image is not None and not IMAGE_BY_DIGEST.fullmatch(service.image):
        reason = "is not an image by digest: a tag can change under the same template"
        yield Finding((*path, "image"), reason, "Write registry/name@sha256:<64 hexadecimal digits>")


def _size(service: Service, path: Path) -> Iterator[Finding]:
    if service.vcpu not in MEMORY_GIB_BY_VCPU:
        sizes = ", ".join(f"{size:g}" for size in MEMORY_GIB_BY_VCPU)
        yield Finding((*path, "vcpu"), f"Fargate has no task of {service.vcpu:g} vCPU", f"One of {sizes}")
    elif service.memory_gib not in MEMORY_GIB_BY_VCPU[service.vcpu]:
        vcpu, memory = nearest_size(service.vcpu, service.memory_gib)
        reason = f"Fargate has no task of {service.vcpu:g} vCPU with {service.memory_gib:g} GiB"
        remedy = f"The next size: vcpu {vcpu:g}, memory_gib {memory:g}"
        yield Finding((*path, "memory_gib"), reason, remedy, ((*path, "vcpu"),))
    if service.port < FIRST_UNPRIVILEGED_PORT:
        reason = f"{service.port} needs root, and the container does not run as root"
        yield Finding((*path, "port"), reason, "Take a port from 1024 up; users still see 443")


def _health(service: Service, path: Path) -> Iterator[Finding]:
    for name, probe in (("readiness", service.health.readiness), ("liveness", service.health.liveness)):
        if probe.timeout_seconds >= probe.interval_seconds:
            reason = f"{probe.timeout_seconds} s is not below the interval of {probe.interval_seconds} s"
            yield Finding(
                (*path, "health", name, "timeout_seconds"),
                reason,
                "Make it shorter than interval_seconds",
                ((*path, "health", name),),
            )
    yield from _twice([custom.name for custom in service.health.custom], (*path, "health", "custom"), "check")


def _scaling(deployment: Deployment, name: str, service: Service) -> Iterator[Finding]:
    path: Path = ("services", name)
    scaling, here = service.scaling, (*path, "scaling")
    if scaling is None:
        return
    if scaling.requests_per_minute is not None and not (service.public or deployment.dependents(name)):
        reason = "nobody sends this service requests: it is not public, and no other service depends on it"
        yield Finding(
            (*here, "requests_per_minute"), reason, "Remove it; scale by CPU, memory or queue_depth", (("services",),)
        )
    if scaling.max_replicas < service.replicas:
        reason = f"{scaling.max_replicas} is below the {service.replicas} replicas that always run"
        yield Finding((*here, "max_replicas"), reason, f"{service.replicas} or more", ((*path, "replicas"),))
    if scaling.queue_depth is not None and deployment.queue is None:
        yield Finding(
            (*here, "queue_depth"),
            "there is no queue in this environment",
            "Define `queue`, or remove it",
            (("queue",),),
        )
    for index, schedule in enumerate(scaling.schedules):
        if schedule.min_replicas > schedule.max_replicas:
            reason = f"{schedule.min_replicas} is above max_replicas, {schedule.max_replicas}"
            yield Finding((*here, "schedules", index, "min_replicas"), reason, f"{schedule.max_replicas} or fewer")
    yield from _twice([schedule.name for schedule in scaling.schedules], (*here, "schedules"), "schedule")


def _variables(deployment: Deployment, service: Service, path: Path) -> Iterator[Finding]:
    for index, name in enumerate(service.secrets):
        here = (*path, "secrets", index)
        if name not in deployment.secrets:
            known = ", ".join(sorted(deployment.secrets)) or "none yet"
            yield Finding(
                here,
                f"there is no secret {name}",
                f"Describe it under the application's `secrets`; known: {known}",
                (("secrets", name),),
            )
        elif name in service.secrets[:index]:
            yield Finding(here, f"{name} stands twice", "Keep one of the two")
        elif name in service.variables or name in deployment.variables:
            yield Finding(
                here,
                f"{name} is a variable too",
                "Remove the variable: the secret's value would lose against it",
            )
    yield from _provided(service.variables, (*path, "variables"))


def _provided(variables: Iterable[str], path: Path) -> Iterator[Finding]:
    for name in variables:
        if PROVIDED_VARIABLES.fullmatch(name):
            reason = f"{name} is set by the deployment itself, from what a service depends on"
            yield Finding((*path, name), reason, "Remove it, or take another name")


def _ports(deployment: Deployment) -> Iterator[Finding]:
    owners: dict[int, str] = {}
    for name, service in deployment.services.items():
        owner = owners.setdefault(service.port, name)
        if owner != name:
            reason = f"{service.port} is the port of {owner} already; flow logs and a developer's own machine tell services apart by it"
            yield Finding(
                ("services", name, "port"),
                reason,
                "Give each service a port of its own",
                (("services", owner, "port"),),
            )


def _public(deployment: Deployment) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for name, service in deployment.services.items():
        if len(service.public) > PATTERNS_PER_RULE:
            reason = f"{len(service.public)} patterns; a listener rule takes {PATTERNS_PER_RULE}"
            yield Finding(("services", name, "public"), reason, "Use fewer, wider patterns")
        for index, pattern in enumerate(service.public):
            owner = owners.setdefault(pattern, name)
            if owner != name or pattern in service.public[:index]:
                reason = f"{pattern} reaches {owner} already"
                yield Finding(
                    ("services", name, "public", index),
                    reason,
                    "Let each pattern reach one service",
                    (("services", owner, "public"),),
                )
    if "/*" not in owners:
        yield Finding(
            ("services",),
            "no service answers all other requests from outside",
            'Give one service `public: ["/*"]`',
        )


def _cycle(deployment: Deployment) -> Iterator[Finding]:
    """Services that wait for each other could never be released in order."""
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> tuple[str, ...]:
        if name in above:
            return (*above[above.index(name) :], name)
        if name in done or name not in deployment.services:
            return ()
        done.add(name)
        dependencies = deployment.services[name].dependencies
        return next(
            (found for found in (walk(other, (*above, name)) for other in dependencies if other != name) if found),
            (),
        )

    for name in deployment.services:
        circle = walk(name, ())
        if circle:
            reason = f"services depend on each other in a circle: {' → '.join(circle)}"
            yield Finding(
                ("services", circle[0], "dependencies"),
                reason,
                "Take one of them out; let that one answer by the queue",
            )


def _twice(names: Iterable[str], path: Path, what: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Finding((*path, index, "name"), f"there is a {what} {name!r} already", "Give each a name of its own")
        seen.add(name)
