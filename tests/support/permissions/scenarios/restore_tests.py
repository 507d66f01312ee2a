"""What those meet who write manifests and look into restored copies: one of each, for the kind of store of the function."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.response import StreamingBody
from permissions.recorded_aws import Refused
from permissions.scenarios.stored_databases import PARTS, StoredDatabases, in_memory
from permissions.scenarios.stored_manifests import StoredManifests
from permissions.scene import Scene

from restore_tests import bucket_census, files
from shared.census import Census, Part

NOW: Final = datetime(2026, 11, 28, tzinfo=UTC)
COPY: Final = "awsbackup-restore-test-1a2b"
COPIED_FILES: Final = "fs-0123456789abcdef0"
MANIFEST: Final = {"request": {"do": "manifest"}}
TEST: Final = {"request": {"do": "test", "job": "job-1"}}
LINES: Final = ("count 1", "sample abc ./a", "recent 1.0 ./a", "end")


def play(scene: Scene) -> None:
    """A manifest, then a whole copy, then one that is not."""
    mine = json.loads(scene.variables["RESTORE_TESTS"])
    _PLAYED[mine["kind"]](scene, mine)


def _answers(mine: Mapping[str, Any], created: str) -> dict[str, Any]:
    job: dict[str, Any] = {
        "Status": "COMPLETED",
        "CreatedResourceArn": created,
        "RecoveryPointCreationDate": NOW,
        "CompletionDate": NOW,
        "CreatedBy": {"RestoreTestingPlanArn": mine["plan_arn"]},
    }
    return {
        "backup.DescribeRestoreJob": job,
        "backup.PutRestoreValidationResult": {},
        "sns.Publish": {"MessageId": "1"},
    }


def _database(scene: Scene, mine: Mapping[str, Any]) -> None:
    from restore_tests import stores

    databases = StoredDatabases(scene)
    for parts in (PARTS, {**PARTS, "public.lost": Part(3)}):
        manifests = StoredManifests(mine["records_bucket"], "database", Census(1.0, parts))
        created = scene.arn("rds", f"db:{COPY}")
        scene.aws.answers = {**_answers(mine, created), **databases.answers(), **manifests.answers()}
        databases.restored(COPY)
        with in_memory(stores):
            assert "SUCCEEDED" == scene.invoke(MANIFEST)["status"]
            assert "IN_PROGRESS" == scene.invoke(TEST)["status"]
            scene.invoke(TEST)


def _data(scene: Scene, mine: Mapping[str, Any]) -> None:
    part = Part(1, newest=1.0, sample={"a": "a"}, recent={"a": 1.0})
    manifests = StoredManifests(mine["records_bucket"], "data", Census(1.0, {bucket_census.PART: part}))
    objects = {
        "s3.ListObjectsV2": lambda _: {"Contents": [{"Key": "a", "LastModified": NOW}], "IsTruncated": False},
        "s3.GetObject": lambda _: {"Body": StreamingBody(io.BytesIO(b"a"), 1), "ContentLength": 1},
        "s3.HeadObject": {"ContentLength": 1},
    }
    scene.aws.answers = {**_answers(mine, f"arn:aws:s3:::{COPY}"), **manifests.answers(objects)}
    assert "SUCCEEDED" == scene.invoke(MANIFEST)["status"]
    assert "FAILED" == scene.invoke(TEST)["status"]


def _files(scene: Scene, mine: Mapping[str, Any]) -> None:
    # Of three files one is left.
    part = Part(3, newest=1.0, sample={"./a": "abc"}, recent={"./a": 1.0})
    manifests = StoredManifests(mine["records_bucket"], "files", Census(1.0, {files.PART: part}))
    tasks = _Tasks(scene, mine["files"])
    created = scene.arn("elasticfilesystem", f"file-system/{COPIED_FILES}")
    scene.aws.answers = {**_answers(mine, created), **manifests.answers(), **tasks.answers()}
    assert ["IN_PROGRESS", "SUCCEEDED"] == [scene.invoke(MANIFEST)["status"] for _ in range(2)]
    answers = [scene.invoke(TEST)["status"] for _ in range(6)]
    assert "FAILED" == answers[-1]


class _Tasks:
    """Of ECS, and the copy's mount target."""

    def __init__(self, scene: Scene, mine: Mapping[str, Any]) -> None:
        self._scene, self._mine = scene, mine
        self._by_token: dict[str, dict[str, Any]] = {}
        self._copy: dict[str, Any] | None = None
        self._target = ""

    def answers(self) -> dict[str, Any]:
        return {
            "ecs.ListTasks": self._list,
            "ecs.DescribeTasks": lambda asked: {
                "tasks": [t for t in self._by_token.values() if t["taskArn"] in asked["tasks"]]
            },
            "ecs.RunTask": self._run,
            "ecs.DescribeTaskDefinition": self._definition,
            "ecs.RegisterTaskDefinition": self._register,
            "logs.GetLogEvents": {"events": [{"message": line} for line in LINES], "nextForwardToken": "end"},
            "efs.DescribeMountTargets": self._targets,
            "efs.CreateMountTarget": self._mount,
            "efs.DeleteMountTarget": self._unmount,
        }

    def _list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        task = self._by_token.get(asked["startedBy"])
        return {"taskArns": [task["taskArn"]] if task and asked["desiredStatus"] == "STOPPED" else []}

    def _run(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        arn = self._scene.arn("ecs", f"task/{self._mine['cluster']}/{len(self._by_token):032x}")
        containers = [{"name": self._mine["container"], "exitCode": 0}]
        self._by_token[asked["startedBy"]] = {"taskArn": arn, "lastStatus": "STOPPED", "containers": containers}
        return {"tasks": [{"taskArn": arn, "lastStatus": "PENDING"}], "failures": []}

    def _definition(self, asked: Mapping[str, Any]) -> Any:
        family = asked["taskDefinition"]
        if family != self._mine["task_definition"]:
            return {"taskDefinition": self._copy} if self._copy else Refused("ClientException")
        task = next(
            each
            for each in self._scene.function.deployed.resources("AWS::ECS::TaskDefinition")
            if each.properties["Family"] == family
        )
        return {
            "taskDefinition": {
                "taskRoleArn": task.properties["TaskRoleArn"],
                "executionRoleArn": task.properties["ExecutionRoleArn"],
                "containerDefinitions": [{"name": self._mine["container"]}],
                "volumes": [{"name": "files"}, {"name": "scratch"}],
            }
        }

    def _register(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        arn = self._scene.arn("ecs", f"task-definition/{asked['family']}:1")
        self._copy = {"taskDefinitionArn": arn, "volumes": asked["volumes"]}
        return {"taskDefinition": self._copy}

    def _targets(self, _: Mapping[str, Any]) -> dict[str, Any]:
        found = []
        if self._target:
            given = {
                "MountTargetId": "fsmt-0123456789abcdef0",
                "FileSystemId": COPIED_FILES,
                "SubnetId": "subnet-0123456789abcdef0",
            }
            found = [{**given, "LifeCycleState": self._target}]
        return {"MountTargets": found}

    def _mount(self, _: Mapping[str, Any]) -> dict[str, Any]:
        self._target = "available"
        return {
            "MountTargetId": "fsmt-0123456789abcdef0",
            "FileSystemId": COPIED_FILES,
            "SubnetId": "subnet-0123456789abcdef0",
            "LifeCycleState": "creating",
        }

    def _unmount(self, _: Mapping[str, Any]) -> dict[str, Any]:
        self._target = ""
        return {}


_PLAYED: Final = {"database": _database, "data": _data, "files": _files}
