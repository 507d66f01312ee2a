"""A file system of EFS, looked into by a one-off task: a function cannot mount what was restored a moment ago.

Everything is found again by what AWS knows: tasks by the token that they bear, the copy's task definition by its family, the
mount target by the file system. So a look that is killed anywhere is gone on with by the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from restore_tests import task_log
from restore_tests.jobs import Job
from restore_tests.models import FilesSettings
from restore_tests.outcomes import Broken, Pending
from shared import clock, one_off_task
from shared.aws import client, is_error
from shared.census import Census, Part, Unreadable
from shared.one_off_task import NotStarted, OneOffTask, Placement
from shared.told import Told

PART: Final = "files"
ATTEMPTS: Final = 3
"""A mount target is not known by its name at once, and a task that cannot mount stops before it ran."""
PATHS_LENGTH: Final = 6000
"""Of the 8192 characters that ECS takes as overrides (API Reference, TaskOverride)."""
KEPT: Final = (
    "containerDefinitions",
    "cpu",
    "executionRoleArn",
    "memory",
    "networkMode",
    "requiresCompatibilities",
    "runtimePlatform",
    "taskRoleArn",
)
"""Of the environment's task definition; the copy's has another volume."""
VOLUME: Final = "files"
FOLDER: Final = "FOLDER"
TASK_SECONDS: Final = 20.0
MOUNT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Files:
    """The environment's file system, and copies of it."""

    settings: FilesSettings
    unit: str = "files"

    def census(self) -> Census | Pending:
        """By one task an hour, whoever asks for it. Raises Told."""
        task = self._task(f"manifest-{clock.now():%Y%m%d%H}", self.settings.task_definition, ())
        if isinstance(task, Pending):
            return task
        part = self._read(task)
        return part if isinstance(part, Pending) else Census(clock.epoch(), {PART: part})

    def copy_census(self, job: Job, manifest: Census) -> Census | Pending | Broken:
        """By a task that mounts the copy. Raises Unreadable, and Told."""
        expected = manifest.parts[PART]
        paths = _paths(expected)
        token = f"test-{hashlib.sha256(job.id.encode()).hexdigest()[:24]}"
        task = self._ended(token) or self._looking(job, token, paths)
        if isinstance(task, Pending):
            return task
        found = self._read(task)
        if isinstance(found, Pending):
            return found
        # What did not fit into the task's command was not looked for.
        there = {path: moment for path, moment in expected.recent.items() if path in found.sample or path not in paths}
        seen = [moment for path, moment in there.items() if path in found.sample]
        sample = {path: found.sample[path] for path in expected.sample if path in found.sample}
        sample |= {path: digest for path, digest in expected.sample.items() if path not in paths}
        part = Part(found.count, newest=max(seen, default=None), sample=sample, recent=there)
        return Census(clock.epoch(), {PART: part})

    def finish(self, job: Job) -> Pending | None:
        """AWS Backup cannot remove a file system that has a mount target."""
        targets = self._mount_targets(self._copy(job))
        for target in targets:
            if target["LifeCycleState"] not in {"deleting", "deleted"}:
                client("efs").delete_mount_target(MountTargetId=target["MountTargetId"])
        return Pending("the copy's mount target is being removed", MOUNT_SECONDS) if targets else None

    # --- the copy ----------------------------------------------------------------------------------------------------

    def _copy(self, job: Job) -> str:
        """ID of the restored file system. Raises Told for the environment's own: that one must never be touched."""
        found = job.created_arn.rpartition("/")[2]
        if not found.startswith("fs-") or found == self.settings.file_system_id:
            raise Told(f"{job.created_arn or 'what was restored'} is no copy of the file system")
        return found

    def _looking(self, job: Job, token: str, paths: Sequence[str]) -> OneOffTask | Pending:
        definition = self._mounted(job)
        return definition if isinstance(definition, Pending) else self._task(token, definition, paths)

    def _mounted(self, job: Job) -> str | Pending:
        """The task definition that mounts the copy, once it can."""
        mine, copy = self.settings, self._copy(job)
        targets = self._mount_targets(copy)
        if not targets:
            try:
                client("efs").create_mount_target(
                    FileSystemId=copy, SubnetId=mine.mount_subnet, SecurityGroups=[mine.mount_security_group]
                )
            except Exception as failure:
                if not is_error(failure, "MountTargetConflict", "IncorrectFileSystemLifeCycleState"):
                    raise
        if not any(target["LifeCycleState"] == "available" for target in targets):
            return Pending("the copy gets a mount target", MOUNT_SECONDS)
        return self._definition(copy)

    def _mount_targets(self, file_system_id: str) -> list[Any]:
        try:
            found: list[Any] = client("efs").describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]
        except Exception as failure:
            if is_error(failure, "FileSystemNotFound"):
                return []
            raise
        return found

    def _definition(self, copy: str) -> str:
        """A revision of the family `<family>-copy` that mounts `copy`: the newest if it does, else a new one."""
        mine = self.settings
        family = f"{mine.task_definition}-copy"
        try:
            newest = client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
        except Exception as failure:
            if not is_error(failure, "ClientException"):
                raise
            newest = None
        if newest is not None and _file_system(newest) == copy:
            return str(newest["taskDefinitionArn"])
        own: Any = client("ecs").describe_task_definition(taskDefinition=mine.task_definition)["taskDefinition"]
        volumes: list[Any] = [
            # As root of the whole file system: a copy has no access points, and its files belong to whom they did.
            {
                "name": VOLUME,
                "efsVolumeConfiguration": {"fileSystemId": copy, "rootDirectory": "/", "transitEncryption": "ENABLED"},
            }
            if volume["name"] == VOLUME
            else volume
            for volume in own["volumes"]
        ]
        kept: dict[str, Any] = {name: own[name] for name in KEPT if name in own}
        for container in kept["containerDefinitions"]:
            # The access point's folder, which the root of the whole file system has in it.
            others = [each for each in container.get("environment", []) if each["name"] != FOLDER]
            container["environment"] = [*others, {"name": FOLDER, "value": mine.folder}]
        made = client("ecs").register_task_definition(family=family, volumes=volumes, **kept)
        return str(made["taskDefinition"]["taskDefinitionArn"])

    # --- the task ----------------------------------------------------------------------------------------------------

    def _ended(self, token: str) -> OneOffTask | None:
        """A task of `token` that did its work; None while there is none. Raises Told when no attempt is left."""
        mine = self.settings
        spent = ""
        for attempt in range(ATTEMPTS):
            task = one_off_task.find(mine.cluster, f"{token}-{attempt}", mine.container)
            if task is None or not task.stopped:
                return None
            if task.exit_code is not None:
                return task
            spent = task.reason
        raise Told(f"the task could not be run in {ATTEMPTS} attempts: {spent or 'no reason is known'}")

    def _task(self, token: str, definition: str, paths: Sequence[str]) -> OneOffTask | Pending:
        """The task of `token`, once it has ended. Raises Unreadable if it could not do its work."""
        mine = self.settings
        if (ended := self._ended(token)) is not None:
            return ended
        placement = Placement(mine.cluster, mine.subnets, mine.security_groups)
        for attempt in range(ATTEMPTS):
            name = f"{token}-{attempt}"
            task = one_off_task.find(mine.cluster, name, mine.container)
            if task is None:
                try:
                    task = one_off_task.start(
                        placement, definition, container=mine.container, command=paths, token=name
                    )
                except NotStarted as known:
                    return Pending(str(known), TASK_SECONDS)
            if not task.stopped:
                return Pending(f"task {task.id} is {task.status}", TASK_SECONDS)
        return Pending("the task has just ended", 1.0)

    def _read(self, task: OneOffTask) -> Part | Pending:
        """What the task printed."""
        mine = self.settings
        if task.exit_code != 0:
            raise Unreadable(
                f"the files cannot be read: task {task.id} ended with exit code {task.exit_code}; its output is in log "
                f"group {mine.log_group}"
            )
        part = task_log.read(mine.log_group, f"{mine.log_prefix}/{mine.container}/{task.id}")
        return part or Pending(f"the output of task {task.id} is not in the log yet", TASK_SECONDS)


def _file_system(definition: Any) -> str:  # noqa: ANN401 - as ECS describes it
    volumes = {volume["name"]: volume for volume in definition.get("volumes", [])}
    return str(((volumes.get(VOLUME) or {}).get("efsVolumeConfiguration") or {}).get("fileSystemId", ""))


def _paths(expected: Part) -> list[str]:
    """What the task is asked for, as many as its command takes: newest first, since stale copies are the commonest fault."""
    found: list[str] = []
    length = 0
    for path in dict.fromkeys((*expected.recent, *expected.sample)):
        length += len(path) + 3
        if length > PATHS_LENGTH:
            break
        found.append(path)
    return found
