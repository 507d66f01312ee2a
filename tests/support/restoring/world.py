"""AWS around a restored copy: jobs of AWS Backup, databases of RDS whose servers are real, tasks that really run, buckets by moto."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from killing import watched
from moto import mock_aws
from permissions.recorded_aws import RecordedAws, Refused

from rehearsal.servers.postgresql import Login
from shared import aws
from shared.login import new_password

REGION: Final = "us-west-2"
ACCOUNT: Final = "123456789012"
RECORDS: Final = "shop-prod-records"
PLAN: Final = f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:shop_prod-1"
COPY: Final = "awsbackup-restore-test-1a2b"
TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-prod-alarms"
SCRIPT: Final = Path(__file__).parents[3] / "constructs/understudy/restore_files.sh"


@dataclass
class Copy:
    """A database of RDS whose server is a real one."""

    server: Login
    status: str = "available"
    secret: dict[str, str] | None = None
    looks_until_ready: int = 1
    """How often it is described before a change is done."""
    tags: list[dict[str, str]] = field(default_factory=list)


@dataclass
class World:
    """What the functions ask, and what they did."""

    recorded: RecordedAws
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    databases: dict[str, Copy] = field(default_factory=dict)
    logins: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the secret's ARN."""
    published: list[Mapping[str, Any]] = field(default_factory=list)
    restored_server: Login | None = None
    """The server of what is restored to a moment."""
    refusal: Refused | None = None
    """How RDS refuses a restore to a moment."""
    folders: dict[str, Path] = field(default_factory=dict)
    """What a file system holds, by its ID."""
    mount_targets: dict[str, str] = field(default_factory=dict)
    """Life cycle state by file system."""
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Newest revision by family."""
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By token."""
    logs: dict[str, list[str]] = field(default_factory=dict)
    unmountable: int = 0
    """How many tasks stop before they ran."""

    def job(self, job_id: str, *, created: str, backed_up: datetime, completed: datetime, **more: Any) -> None:
        """A restore that is done."""
        self.jobs[job_id] = {
            "RestoreJobId": job_id,
            "Status": "COMPLETED",
            "CreatedResourceArn": created,
            "RecoveryPointCreationDate": backed_up,
            "CompletionDate": completed,
            "CreatedBy": {"RestoreTestingPlanArn": PLAN},
            **more,
        }

    def made(self, operation: str) -> list[Mapping[str, Any]]:
        """Parameters of each call of `operation`."""
        return [call.parameters for call in self.recorded.calls if call.operation == operation]

    # --- answers -----------------------------------------------------------------------------------------------------

    def answers(self) -> dict[str, Any]:
        """By service and operation."""
        return {
            "backup.DescribeRestoreJob": lambda asked: self.jobs[asked["RestoreJobId"]],
            "backup.PutRestoreValidationResult": self._judge,
            "rds.DescribeDBInstances": self._describe,
            "rds.ModifyDBInstance": self._modify,
            "rds.RestoreDBInstanceToPointInTime": self._restore,
            "secretsmanager.GetSecretValue": lambda asked: {"SecretString": json.dumps(self.logins[asked["SecretId"]])},
            "sns.Publish": self._publish,
            "efs.DescribeMountTargets": self._targets,
            "efs.CreateMountTarget": self._mount,
            "efs.DeleteMountTarget": self._unmount,
            "ecs.DescribeTaskDefinition": self._definition,
            "ecs.RegisterTaskDefinition": self._register,
            "ecs.ListTasks": self._list_tasks,
            "ecs.RunTask": self._run,
            "ecs.DescribeTasks": lambda asked: {
                "tasks": [t for t in self.tasks.values() if t["taskArn"] in asked["tasks"]]
            },
            "logs.GetLogEvents": self._events,
        }

    def _judge(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        job = self.jobs[asked["RestoreJobId"]]
        assert "ValidationStatus" not in job, "a verdict stands for good"
        job |= {name: asked[name] for name in ("ValidationStatus", "ValidationStatusMessage")}
        return {}

    def _publish(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.published.append(asked)
        return {"MessageId": "1"}

    def _describe(self, asked: Mapping[str, Any]) -> Any:
        name = asked["DBInstanceIdentifier"]
        copy = self.databases.get(name)
        if copy is None:
            return Refused("DBInstanceNotFound")
        if copy.status != "available" or (copy.secret and copy.secret["SecretStatus"] != "active"):
            copy.looks_until_ready -= 1
            if copy.looks_until_ready <= 0:
                copy.status = "available"
                if copy.secret:
                    copy.secret["SecretStatus"] = "active"
        found: dict[str, Any] = {
            "DBInstanceIdentifier": name,
            "DBInstanceStatus": copy.status,
            "TagList": copy.tags,
            "PendingModifiedValues": {},
        }
        if copy.status == "available":
            found["Endpoint"] = {"Address": copy.server.host, "Port": copy.server.port}
        if copy.secret:
            found["MasterUserSecret"] = dict(copy.secret)
        return {"DBInstances": [found]}

    def _modify(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        assert set(asked) == {
            "DBInstanceIdentifier",
            "ManageMasterUserPassword",
            "MasterUserSecretKmsKeyId",
            "ApplyImmediately",
        }
        self._manage(asked["DBInstanceIdentifier"])
        return {"DBInstance": {"DBInstanceIdentifier": asked["DBInstanceIdentifier"]}}

    def _manage(self, name: str) -> None:
        """RDS makes the password of the administrator."""
        copy, password = self.databases[name], new_password()
        arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!db-{name}-AbCdEf"
        role = f"administrator_{copy.server.database}"
        copy.server.execute(f"ALTER ROLE {role} PASSWORD '{password}'")
        self.logins[arn] = {"username": role, "password": password}
        copy.secret = {"SecretArn": arn, "SecretStatus": "creating", "KmsKeyId": "key"}
        copy.looks_until_ready = 2

    def _restore(self, asked: Mapping[str, Any]) -> Any:
        name = asked["TargetDBInstanceIdentifier"]
        if name in self.databases:
            return Refused("DBInstanceAlreadyExists")
        if self.refusal is not None:
            return self.refusal
        assert self.restored_server is not None
        self.databases[name] = Copy(self.restored_server, "creating", looks_until_ready=2, tags=list(asked["Tags"]))
        self._manage(name)
        return {"DBInstance": {"DBInstanceIdentifier": name}}

    # --- files -------------------------------------------------------------------------------------------------------

    def _targets(self, asked: Mapping[str, Any]) -> Any:
        name = asked["FileSystemId"]
        if name not in self.folders:
            return Refused("FileSystemNotFound")
        state = self.mount_targets.get(name)
        found = [self._target(name, state)] if state else []
        if state == "creating":
            self.mount_targets[name] = "available"
        if state == "deleting":
            del self.mount_targets[name]
        return {"MountTargets": found}

    def _target(self, name: str, state: str) -> dict[str, Any]:
        return {
            "MountTargetId": f"fsmt-{name}",
            "FileSystemId": name,
            "SubnetId": "subnet-0123456789abcdef0",
            "LifeCycleState": state,
        }

    def _mount(self, asked: Mapping[str, Any]) -> Any:
        name = asked["FileSystemId"]
        if name in self.mount_targets:
            return Refused("MountTargetConflict")
        self.mount_targets[name] = "creating"
        return self._target(name, "creating")

    def _unmount(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.mount_targets[asked["MountTargetId"].removeprefix("fsmt-")] = "deleting"
        return {}

    def _definition(self, asked: Mapping[str, Any]) -> Any:
        found = self.definitions.get(asked["taskDefinition"])
        return {"taskDefinition": found} if found else Refused("ClientException")

    def _register(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{asked['family']}:1"
        self.definitions[asked["family"]] = {**asked, "taskDefinitionArn": arn}
        return {"taskDefinition": self.definitions[asked["family"]]}

    def _list_tasks(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        task = self.tasks.get(asked["startedBy"])
        there = task is not None and (task["lastStatus"] == "STOPPED") == (asked["desiredStatus"] == "STOPPED")
        return {"taskArns": [task["taskArn"]] if task is not None and there else []}

    def _run(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The task's script, on the folder that its file system is."""
        token = asked["startedBy"]
        if token in self.tasks:
            return {"tasks": [self.tasks[token]]}
        family = asked["taskDefinition"].rpartition("/")[2].partition(":")[0]
        definition = self.definitions[family]
        (volume,) = [each for each in definition["volumes"] if each["name"] == "files"]
        (container,) = definition["containerDefinitions"]
        (override,) = asked["overrides"]["containerOverrides"]
        task_id = f"{len(self.tasks):032x}"
        arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop-prod/{task_id}"
        stopped: dict[str, Any] = {"name": container["name"]}
        if self.unmountable:
            self.unmountable -= 1
        else:
            root = self.folders[volume["efsVolumeConfiguration"]["fileSystemId"]]
            given = {each["name"]: each["value"] for each in container["environment"]}
            ended = subprocess.run(
                [*container["entryPoint"], *override.get("command", [])],
                env={"PATH": os.environ["PATH"], "TMPDIR": str(root.parent), **given, "ROOT": str(root)},
                capture_output=True,
                text=True,
                timeout=60,
            )
            stopped["exitCode"] = ended.returncode
            self.logs[f"{container['name']}/{container['name']}/{task_id}"] = ended.stdout.splitlines()
        self.tasks[token] = {
            "taskArn": arn,
            "lastStatus": "STOPPED",
            "stoppedReason": "ended",
            "containers": [stopped],
        }
        return {"tasks": [{**self.tasks[token], "lastStatus": "PENDING"}], "failures": []}

    def _events(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        lines = self.logs[asked["logStreamName"]] if "nextToken" not in asked else []
        return {"events": [{"message": line} for line in lines], "nextForwardToken": "f/1"}


@contextmanager
def world(**variables: str) -> Iterator[World]:
    """The functions' process, with `variables`. S3 is moto's, with a bucket of records."""
    settings = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, {**settings, **variables}))
        stack.enter_context(mock_aws())
        aws.forget_clients()
        # Whoever kills a function has to hear of each call before it is answered.
        with watched():
            pass
        recorded = RecordedAws(passed_on=("s3",))
        made = World(recorded)
        recorded.answers = made.answers()
        stack.enter_context(recorded.watching(aws._session()))
        aws.client("s3").create_bucket(Bucket=RECORDS, CreateBucketConfiguration={"LocationConstraint": REGION})
        try:
            yield made
        finally:
            aws.forget_clients()


def moment(text: str) -> datetime:
    """`2026-11-28 00:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
