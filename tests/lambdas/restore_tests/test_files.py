"""A restored file system is looked into by a task, whose script really runs here on a folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from killing import Killed, watched
from restoring.world import ACCOUNT, PLAN, RECORDS, REGION, SCRIPT, TOPIC, World, world

from restore_tests.files import PATHS_LENGTH, _paths
from restore_tests.handler import handler
from restore_tests.models import settings
from restore_tests.task_log import parse
from shared import clock
from shared.census import Part

JOB: Final = "job-1"
LIVE: Final = "fs-0123456789abcdef0"
COPY: Final = "fs-0fedcba9876543210"
FAMILY: Final = "shop-prod-restore-files"
TEST: Final = {"request": {"do": "test", "job": JOB}}


@dataclass
class Stage:
    """The file system, a copy of it, and what AWS says."""

    aws: World
    live: Path
    copy: Path

    def manifest(self) -> dict[str, Any]:
        """As the schedule has it written."""
        return _asked({"request": {"do": "manifest"}})

    def look(self) -> dict[str, Any]:
        """At the copy."""
        return _asked(TEST)

    def files(self) -> list[Path]:
        """Of the copy."""
        return sorted(path for path in self.copy.rglob("*") if path.is_file())

    @property
    def verdict(self) -> tuple[str, str]:
        """Kept by AWS Backup."""
        job = self.aws.jobs[JOB]
        return job.get("ValidationStatus", ""), job.get("ValidationStatusMessage", "")


def _asked(event: dict[str, Any]) -> dict[str, Any]:
    """Ask as the workflow does, until there is an answer that is final."""
    for _ in range(20):
        answer = handler(event, None)
        if answer["status"] != "IN_PROGRESS":
            return answer
    raise AssertionError(f"no end: {answer}")


def _restored(live: Path, root: Path) -> Path:
    """As AWS Backup restores: in a folder with the time, and the access point's folder in it."""
    shutil.copytree(live, root / "aws-backup-restore_2026-11-28T06-00-00" / "files", symlinks=True)
    return root


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Thirty files, some with awkward names; two manifests; a copy of all."""
    settings.cache_clear()
    live = tmp_path / "live" / "root"
    now = clock.epoch()
    for number in range(30):
        path = live / f"year {number % 3}" / f"it's file \\n {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content {number}", encoding="utf-8")
        os.utime(path, (now - 3600 - number * 60,) * 2)
    told = {
        "kind": "files",
        "prefix": "shop-prod",
        "records_bucket": RECORDS,
        "topic_arn": TOPIC,
        "plan_arn": PLAN,
        "limits": {"fewer_percent": 10, "changed_percent": 5, "newest_hours": 24},
        "files": {
            "file_system_id": LIVE,
            "cluster": "shop-prod",
            "task_definition": FAMILY,
            "container": "look",
            "log_group": "/shop-prod/task/restore-files",
            "log_prefix": "look",
            "subnets": ["subnet-a"],
            "security_groups": ["sg-looks"],
            "mount_subnet": "subnet-0123456789abcdef0",
            "mount_security_group": "sg-0123456789abcdef0",
            "folder": "files",
        },
    }
    with world(RESTORE_TESTS=json.dumps(told)) as aws:
        aws.folders[LIVE] = live
        aws.definitions[FAMILY] = {
            "family": FAMILY,
            "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{FAMILY}:1",
            "containerDefinitions": [
                {
                    "name": "look",
                    "entryPoint": ["sh", "-c", SCRIPT.read_text(encoding="utf-8"), "look"],
                    "environment": [{"name": "ROOT", "value": "/mnt/files"}, {"name": "FOLDER", "value": ""}],
                }
            ],
            "volumes": [
                {"name": "files", "efsVolumeConfiguration": {"fileSystemId": LIVE, "transitEncryption": "ENABLED"}},
                {"name": "scratch"},
            ],
        }
        made = Stage(aws, live, tmp_path / "copy" / "root")
        with monkeypatch.context() as patched:
            for earlier in (86_400.0, 60.0):
                patched.setattr(clock, "epoch", lambda earlier=earlier: now - earlier)
                assert "SUCCEEDED" == made.manifest()["status"]
        made.copy.mkdir(parents=True)
        aws.folders[COPY] = _restored(live, made.copy)
        created = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{COPY}"
        aws.job(JOB, created=created, backed_up=clock.now(), completed=clock.now() - timedelta(hours=1))
        yield made
    settings.cache_clear()


def test_R2_a_whole_file_system_is_found_whole(stage: Stage) -> None:
    """The copy gets a mount target, a task mounts it by TLS, and nothing of both is left."""
    assert "SUCCEEDED" == stage.look()["status"]
    assert "SUCCESSFUL" == stage.verdict[0]
    assert {} == stage.aws.mount_targets
    (asked,) = stage.aws.made("RegisterTaskDefinition")
    (volume,) = [each for each in asked["volumes"] if each["name"] == "files"]
    assert {"fileSystemId": COPY, "rootDirectory": "/", "transitEncryption": "ENABLED"} == volume[
        "efsVolumeConfiguration"
    ]
    assert [] == stage.aws.published


def test_R2_missing_files_are_found(stage: Stage) -> None:
    """Two of those that are sampled, which is more than may differ."""
    for path in stage.files()[:2]:
        path.unlink()
    assert "FAILED" == stage.look()["status"]
    assert "2 are missing and 0 are not the same" in stage.verdict[1]
    assert {} == stage.aws.mount_targets
    (message,) = stage.aws.published
    assert "a restored copy of the file system is not whole" in message["Subject"]


def test_R2_changed_files_are_found(stage: Stage) -> None:
    """By what they hold."""
    for path in stage.files()[:2]:
        path.write_text("other", encoding="utf-8")
    assert "FAILED" == stage.look()["status"]
    assert "0 are missing and 2 are not the same" in stage.verdict[1]


def test_R2_a_stale_copy_is_found(stage: Stage) -> None:
    """The newest files of the manifest are not there."""
    for path in sorted(stage.files(), key=lambda each: each.stat().st_mtime)[-5:]:
        path.unlink()
    assert "FAILED" == stage.look()["status"]
    assert "of the 20 newest files in the manifest 5 are missing" in stage.verdict[1]
    assert "it is stale: the newest of its files is of" in stage.verdict[1]


def test_R2_an_empty_copy_is_found(stage: Stage) -> None:
    """Nothing was restored, and AWS Backup says that all went well."""
    for path in stage.files():
        path.unlink()
    assert "FAILED" == stage.look()["status"]
    assert "files has 0 files; the manifest has 30" in stage.verdict[1]


def test_R2_files_that_cannot_be_read_are_found(stage: Stage) -> None:
    """The task ends badly; as root one can read everything, so here a folder takes the place of the access point's."""
    shutil.rmtree(stage.copy / "aws-backup-restore_2026-11-28T06-00-00" / "files")
    assert "FAILED" == stage.look()["status"]
    assert "the files cannot be read: task" in stage.verdict[1]
    assert "its output is in log group /shop-prod/task/restore-files" in stage.verdict[1]


def test_R2_a_task_that_cannot_mount_at_once_is_run_again(stage: Stage) -> None:
    """A mount target's name takes a while to be known."""
    stage.aws.unmountable = 2
    assert "SUCCEEDED" == stage.look()["status"]
    assert 3 == len([token for token in stage.aws.tasks if token.startswith("test-")])


def test_R2_a_copy_that_no_task_can_mount_is_no_good(stage: Stage) -> None:
    """Three attempts."""
    stage.aws.unmountable = 9
    assert "FAILED" == stage.look()["status"]
    assert "the task could not be run in 3 attempts: ended" in stage.verdict[1]


def test_R2_the_environments_own_file_system_is_never_taken_for_a_copy(stage: Stage) -> None:
    """Whatever a job says that it made."""
    live = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{LIVE}"
    stage.aws.jobs[JOB] |= {"CreatedResourceArn": live}
    with pytest.raises(AssertionError, match="no end"):
        stage.look()
    assert [] == stage.aws.made("CreateMountTarget")
    assert ("", "") == stage.verdict


def test_R2_a_look_that_dies_at_any_call_is_gone_on_with(stage: Stage) -> None:
    """Before and after any of its calls: one task, one verdict, nothing left."""
    stage.files()[0].unlink()
    stage.files()[0].unlink()
    deaths = 0
    for after in (False, True):
        at, died = 0, True
        while died:
            stage.aws.tasks = {token: task for token, task in stage.aws.tasks.items() if token.startswith("manifest")}
            stage.aws.definitions.pop(f"{FAMILY}-copy", None)
            for name in ("ValidationStatus", "ValidationStatusMessage"):
                stage.aws.jobs[JOB].pop(name, None)
            stage.aws.published.clear()
            calls, died, status = 0, False, "IN_PROGRESS"
            while status == "IN_PROGRESS":
                try:
                    with watched(None if died else at - calls, after=after) as made:
                        status = handler(TEST, None)["status"]
                    calls += len(made.made)
                except Killed:
                    died, deaths = True, deaths + 1
            assert ("FAILED", "FAILED") == (status, stage.verdict[0])
            assert {} == stage.aws.mount_targets
            assert 1 == len([token for token in stage.aws.tasks if token.startswith("test-")])
            assert len(stage.aws.published) in ({1, 2} if died else {1})
            at += 1
    assert deaths > 30


def test_R2_what_a_task_printed_in_part_is_not_believed() -> None:
    """The log may be behind."""
    lines = ("count 2", "sample abc ./a b", "recent 12.0 ./a b")
    assert None is parse(lines)
    expected = Part(2, newest=12.0, sample={"./a b": "abc"}, recent={"./a b": 12.0})
    assert expected == parse((*lines, "end"))


def test_R2_no_more_is_asked_for_than_a_tasks_command_takes() -> None:
    """ECS takes 8192 characters; the newest come first."""
    long = Part(99, sample={f"./{'x' * 200}{n}": "a" for n in range(60)}, recent={"./new": 1.0})
    paths = _paths(long)
    assert "./new" == paths[0]
    assert PATHS_LENGTH - 250 < sum(len(path) + 3 for path in paths) <= PATHS_LENGTH
