"""Which secrets have changed, and which tasks still hold the values of before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secret_refresh import retirement
from secret_refresh.models import Secret, Service, Uses
from shared.consumers import Laggard, tasks
from shared.ledger import Ledger
from shared.secret_versions import current_since


@dataclass(frozen=True, slots=True)
class Change:
    """A secret whose old login may be valid still."""

    secret: Secret
    since: float
    """From when on new tasks read the current version; epoch seconds."""
    laggards: Sequence[Laggard]
    """Tasks that may hold another version."""


@dataclass(frozen=True, slots=True)
class Lagging:
    """A service with tasks that a deployment of it would replace."""

    service: Service
    secrets: Sequence[str]
    """Names of those of which they hold old values."""
    oldest: float
    """When the first of these became current."""
    need: float
    """When the last secret of the service did: tasks that are created later have everything new."""
    live: frozenset[str]
    """Task definitions of these tasks."""


@dataclass(frozen=True, slots=True)
class World:
    """At this moment."""

    changes: Sequence[Change]
    lagging: Sequence[Lagging]
    """In the order of the services."""


def look(uses: Uses, cluster: str, prefix: str, ledger: Ledger) -> World:
    """Ask for the secrets; and for tasks, if there is a secret of which something is left to do."""
    since = {secret.name: current_since(secret.arn) for secret in uses.secrets}
    left = [secret for secret in uses.secrets if not retirement.done(secret, since[secret.name], ledger)]
    names = {secret.name for secret in left}
    consumers = [service for service in uses.services if names & set(service.secrets)]
    running = tasks(cluster, prefix, [service.name for service in consumers])
    users = {name: {service.name for service in consumers if name in service.secrets} for name in names}
    changes = [
        Change(
            secret,
            since[secret.name],
            [task for task in running if task.service in users[secret.name] and task.created <= since[secret.name]],
        )
        for secret in left
    ]
    found = (_lagging(service, changes, since) for service in consumers)
    return World(changes, [one for one in found if one is not None])


def _lagging(service: Service, changes: Sequence[Change], since: dict[str, float]) -> Lagging | None:
    """None where no task is left that a deployment would replace."""
    behind = [
        (change, task)
        for change in changes
        for task in change.laggards
        if task.service == service.name and task.role == "service"
    ]
    if not behind:
        return None
    return Lagging(
        service=service,
        secrets=list(dict.fromkeys(change.secret.name for change, _ in behind)),
        oldest=min(change.since for change, _ in behind),
        need=max(since[name] for name in service.secrets),
        live=frozenset(task.task_definition for _, task in behind),
    )
