"""What is released: the target, the tasks that run it, and those that served before. Read from AWS, never from an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared.plan import Plan
from shared.told import Told


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a task definition, which nobody can change."""

    arn: str
    digest: str | None
    """`sha256:...` of the service's container; None when its image is named by a tag, which may mean anything."""
    content: str
    """Everything that makes its tasks what they are, as text to compare; its name and revision left out."""
    log_group: str | None = None
    log_stream_prefix: str | None = None

    def runs_the_same(self, other: TaskDefinition) -> bool:
        """Whether tasks of both are the same program with the same configuration."""
        return self.digest is not None and (self.arn == other.arn or self.content == other.content)


@dataclass(frozen=True, slots=True)
class Version:
    """The tasks of one version of a service: a task set of CodeDeploy, a service revision of ECS."""

    task_definition: str
    target_group_arn: str | None
    desired: int
    running: int
    steady: bool
    """As many tasks run as are wanted, and ECS calls them stable."""
    by_release: bool = True
    """Made by a release. False for the tasks that came with the service itself: no hook has looked at those."""


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """A release, at this moment."""

    target: TaskDefinition
    new: Version | None
    """None until its tasks are asked for."""
    old: Version | None
    """None on a service's first release."""
    desired_tasks: int
    """How many tasks the service wants now, whatever the plan's least count."""
    subnets: tuple[str, ...] = ()
    """Where the new version's tasks are placed."""
    live: str | None = None
    """Why there is nothing to check: what is to be released served already, before this release. None: there is."""


class Engine(Protocol):
    """How one engine's releases are read."""

    def service(self) -> str:
        """Name of the service that is released. Raises Unfit when the event does not belong here."""

    def state(self, plan: Plan) -> ReleaseState:
        """The release as AWS describes it."""


class Unfit(Told):
    """What AWS says of the release does not go with the event or the plan; says how."""


def already_live(
    target: TaskDefinition, serving: Version | None, describe: Callable[[str], TaskDefinition]
) -> str | None:
    """Why the target is live and correct already: what served before this release is the same, pinned and stable.

    The same is more than the same image: a release that changes a variable or a secret's name is checked like any other.
    `serving` is what users' requests reached until now; `describe` reads the task definition of an ARN.
    """
    if serving is None or not (serving.steady and serving.by_release):
        return None
    if target.digest is None or not target.runs_the_same(describe(serving.task_definition)):
        return None
    return f"{target.digest} served already before this release, with the same configuration: nothing new to check"
