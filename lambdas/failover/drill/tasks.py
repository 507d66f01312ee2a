"""Tasks against the promoted copy: one of each service that depends on the database, in a security group of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from failover.drill.models import Service
from failover.drill.record import Drill
from failover.drill.run import DrillRun
from shared import one_off_task
from shared.aws import client
from shared.one_off_task import NotStarted, Placement
from shared.workflow_answer import Answer, done, failed, later

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskTypeDef

STARTED: Final = "start of tasks"
HEALTHY: Final = "health checks"
"""Terms; each is measured for each service: `<term> of <service>`."""
LOOK_SECONDS: Final = 5
TOKENS: Final = uuid.UUID("6e1d4b3a-52c6-4b39-9d43-0d2f0f5f7c11")
"""Name space of the tokens by which ECS starts each task once."""


def start(run: DrillRun) -> Answer:
    """One task of each service; measured from ECS's own times, without what the look takes."""
    known, found = run.known, run.drill
    for service in known.services:
        if service.name not in found.tasks:
            try:
                arn = _started(run, found, service)
            except NotStarted as refused:
                return failed(f"{service.name}: {refused}")
            found = run.note(replace(found, tasks={**found.tasks, service.name: arn}))
    running = _described(run, found)
    if ended := _ended(running):
        return failed(ended)
    waiting = [name for name in found.tasks if name not in running or "startedAt" not in running[name]]
    if waiting:
        return later(f"tasks are starting: {', '.join(waiting)}", LOOK_SECONDS)
    measured, addresses = dict(found.measured), dict(found.addresses)
    for name, task in running.items():
        measured[f"{STARTED} of {name}"] = (task["startedAt"] - task["createdAt"]).total_seconds()
        addresses[name] = next(_addresses(task), "")
    run.note(replace(found, measured=measured, addresses=addresses))
    return done(_said(known.services, "started against the copy"))


def healthy(run: DrillRun) -> Answer:
    """Each container's own check, which asks nothing but the container (understudy/health_check.py)."""
    found = run.drill
    tasks = _described(run, found)
    if ended := _ended(tasks):
        return failed(ended)
    measured = dict(found.measured)
    for name, task in tasks.items():
        if task.get("healthStatus") == "HEALTHY":
            measured.setdefault(f"{HEALTHY} of {name}", run.now - task["startedAt"].timestamp())
    if measured != found.measured:
        run.note(replace(found, measured=measured))
    waiting = [name for name in found.tasks if f"{HEALTHY} of {name}" not in measured]
    if waiting:
        return later(f"not healthy yet: {', '.join(waiting)}", LOOK_SECONDS)
    return done(_said(run.known.services, "healthy"))


def tokens(drill: Drill, services: Sequence[Service]) -> set[str]:
    """By which tasks of `drill` are known: each bears one as `startedBy`."""
    return {_token(drill, service) for service in services}


def _started(run: DrillRun, drill: Drill, service: Service) -> str:
    known = run.known
    host, _, port = drill.addresses[known.replica].rpartition(":")
    task = one_off_task.start(
        Placement(run.settings.prefix, known.subnets, [known.task_security_group]),
        service.family,
        container=service.name,
        variables={"DATABASE_HOST": host, "DATABASE_PORT": port, "DATABASE_READER_HOSTS": host},
        token=_token(drill, service),
    )
    return task.arn


def _token(drill: Drill, service: Service) -> str:
    return str(uuid.uuid5(TOKENS, f"{drill.id}/{service.name}"))


def _described(run: DrillRun, drill: Drill) -> Mapping[str, TaskTypeDef]:
    if not drill.tasks:
        return {}
    found = client("ecs").describe_tasks(cluster=run.settings.prefix, tasks=list(drill.tasks.values()))["tasks"]
    by_arn = {str(task.get("taskArn")): task for task in found}
    return {name: by_arn[arn] for name, arn in drill.tasks.items() if arn in by_arn}


def _ended(tasks: Mapping[str, TaskTypeDef]) -> str:
    """Which has stopped, and why; empty if none has."""
    for name, task in tasks.items():
        if task.get("lastStatus") == "STOPPED":
            return f"the task of {name} has stopped: {task.get('stoppedReason') or 'nobody said why'}"
    return ""


def _addresses(task: TaskTypeDef) -> Iterator[str]:
    for attachment in task.get("attachments") or []:
        for detail in attachment.get("details") or []:
            if detail.get("name") == "privateIPv4Address":
                yield str(detail.get("value"))


def _said(services: Sequence[Service], what: str) -> str:
    names = ", ".join(service.name for service in services)
    return f"{what}: {names}" if names else "no service depends on the database"
