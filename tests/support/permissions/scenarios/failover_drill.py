"""What a drill meets: every step of each function, a copy that is there and one that is not, and the clock's calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from permissions.recorded_aws import Refused
from permissions.scenarios.site import Site
from permissions.scene import Scene

from failover.drill import opening
from failover.drill.models import TAG

NAME = "drill-1"


def play(scene: Scene) -> None:
    """By what the function is for."""
    entry = scene.function.entry.split(".")[2]
    {"control": _control, "inside": _inside, "clock_call": _clock}[entry](scene)


def _control(scene: Scene) -> None:
    """Every step, and another one's failure."""
    drill = _Drill(scene)
    with drill.living():
        drill.begin()
        # Another one has died, and left its record.
        drill.running(execution=drill.execution.replace(NAME, "drill-0"))
        drill.step("begin")
        for step in ("restore", "follow", "promote"):
            drill.step(step)
        drill.known(addresses={drill.plan["replica"]: "db.invalid:5432"})
        for step in ("start", "healthy", "note", "remove", "report"):
            drill.step(step)


def _inside(scene: Scene) -> None:
    """Every step; the copy's new password is asked for on the way."""
    drill = _Drill(scene)
    with drill.living():
        drill.begin()
        drill.running()
        drill.make(drill.plan["replica"])
        for step in ("point", "open"):
            drill.step(step)
        drill.known(addresses={service["name"]: "10.0.0.1" for service in drill.plan["services"]})
        drill.step("verify")


def _clock(scene: Scene) -> None:
    """Something is left of a drill that has died, and the next one is due."""
    drill = _Drill(scene)
    machine = scene.variables["STATE_MACHINE_ARN"]
    begun = {"executionArn": machine.replace(":stateMachine:", ":execution:") + ":one", "startDate": datetime.now(UTC)}
    with drill.living():
        scene.aws.answers["stepfunctions.StartExecution"] = begun
        drill.begin()
        drill.running(began_at=1.0)
        for name in ("copy", "replica"):
            drill.make(drill.plan[name])
        for service in drill.plan["services"]:
            drill.tasks[service["family"]] = "of a drill that has died"
        drill.site.put("drills", {"drills": json.dumps({"since": 1.0, "drills": []})})
        answer = scene.invoke({"hold": True})
        assert {"left", "begun"} == set(answer), answer
        assert answer["left"]
        # By now it is gone, and its record is closed.
        assert [] == scene.invoke({"scheduled": True})["left"]


class _Drill:
    """A drill in the waiting site of the function."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.site = scene, Site(scene)
        self.execution = self.site.execution.replace("-failover:one", f"-drill:{NAME}")
        parameter = f"/{self.site.prefix}/drill"
        self.plan: dict[str, Any] = json.loads(scene.parameter(parameter))
        scene.write_parameter(parameter, json.dumps(self.plan))
        self.databases: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, str] = {}
        """By family; who started it."""
        scene.aws.answers = {**self.site.answers(), **self._answers()}

    @contextmanager
    def living(self) -> Any:
        """What is no API."""

        @contextmanager
        def connected(*_: object) -> Any:
            yield _Session()

        with self.site.living(), patch.object(opening, "connected", connected):
            yield

    def begin(self) -> None:
        """The other site holds the lease, and nothing is in the way."""
        self.site.begin("switchover")
        self.site.remove("lock")

    def running(self, **given: Any) -> None:
        """As the control function has written it."""
        drill = {"id": NAME, "execution": self.execution, "by": "x", "because": "", "began_at": 2e9, **given}
        self.site.put("drill", {"execution": drill["execution"], "state": "running", "drill": json.dumps(drill)})

    def known(self, **given: Any) -> None:
        """As another function has added to it."""
        stands = self.site.item("drill")
        self.site.put("drill", {**stands, "drill": json.dumps({**json.loads(str(stands["drill"])), **given})})

    def make(self, name: str, **given: Any) -> None:
        """A database is there."""
        self.databases[name] = {
            "DBInstanceIdentifier": name,
            "DBInstanceStatus": "available",
            "Endpoint": {"Address": "db.invalid", "Port": 5432},
            "TagList": [{"Key": TAG, "Value": NAME}],
            **given,
        }

    def step(self, step: str) -> None:
        """Ask until it has a verdict."""
        event = {
            "step": step,
            "execution": self.execution,
            "started_at": datetime.now(UTC).isoformat(),
            "input": {"environment": self.site.prefix, "because": "x", "by": "somebody"},
            "failed": {"step": "verify", "reason": "it failed"} if step == "note" else None,
        }
        answer: dict[str, Any] = {}
        for _ in range(8):
            answer = self.scene.invoke(event)
            if answer["status"] != "IN_PROGRESS":
                break
            assert "this look failed" not in answer["reason"], (step, answer)
        # A drill whose step has failed ends so.
        assert ("FAILED" if step == "report" else "SUCCEEDED") == answer["status"], (step, answer)

    def _answers(self) -> dict[str, Any]:
        taken = {
            "DBSnapshotIdentifier": "awsbackup:copyjob-1",
            "Status": "available",
            "SnapshotCreateTime": datetime.now(UTC),
        }
        return {
            "rds.DescribeDBInstances": self._describe,
            "rds.DescribeDBSnapshots": {"DBSnapshots": [taken]},
            "rds.RestoreDBInstanceFromDBSnapshot": self._made("DBInstanceIdentifier"),
            "rds.CreateDBInstanceReadReplica": self._replicate,
            "rds.PromoteReadReplica": self._promote,
            "rds.ModifyDBInstance": self._modify,
            "rds.DeleteDBInstance": self._delete,
            "ecs.RunTask": self._run,
            "ecs.ListTasks": self._list,
            "ecs.DescribeTasks": lambda asked: {"tasks": [self._task(arn) for arn in asked["tasks"]], "failures": []},
            "ecs.StopTask": self._stop,
            "secretsmanager.PutSecretValue": {},
        }

    def _describe(self, asked: Mapping[str, Any]) -> Any:
        found = self.databases.get(asked["DBInstanceIdentifier"])
        return {"DBInstances": [found]} if found else Refused("DBInstanceNotFound")

    def _made(self, parameter: str, **given: Any) -> Callable[[Mapping[str, Any]], Any]:
        def made(asked: Mapping[str, Any]) -> Any:
            self.make(asked[parameter], **given)
            return {}

        return made

    def _replicate(self, asked: Mapping[str, Any]) -> Any:
        source = asked["SourceDBInstanceIdentifier"]
        return self._made("DBInstanceIdentifier", ReadReplicaSourceDBInstanceIdentifier=source)(asked)

    def _promote(self, asked: Mapping[str, Any]) -> Any:
        self.databases[asked["DBInstanceIdentifier"]].pop("ReadReplicaSourceDBInstanceIdentifier")
        return {}

    def _modify(self, asked: Mapping[str, Any]) -> Any:
        name = asked["DBInstanceIdentifier"]
        secret = self.scene.arn("secretsmanager", "secret:rds!db-1-AbCdEf")
        self.databases[name]["MasterUserSecret"] = {"SecretArn": secret, "SecretStatus": "active"}
        owner = self.scene.arn("rds", f"db:{name}")
        self.scene.aws.managed_secrets[secret] = (owner, asked["MasterUserSecretKmsKeyId"])
        return {}

    def _delete(self, asked: Mapping[str, Any]) -> Any:
        del self.databases[asked["DBInstanceIdentifier"]]
        return {}

    def _run(self, asked: Mapping[str, Any]) -> Any:
        family = asked["taskDefinition"]
        self.tasks[family] = asked["startedBy"]
        return {"tasks": [self._task(self._arn(family))], "failures": []}

    def _list(self, asked: Mapping[str, Any]) -> Any:
        return {"taskArns": [self._arn(family) for family in self.tasks if family == asked["family"]]}

    def _stop(self, asked: Mapping[str, Any]) -> Any:
        task = self._task(asked["task"])
        self.tasks.pop(next(family for family in self.tasks if self._arn(family) == asked["task"]))
        return {"task": task}

    def _arn(self, family: str) -> str:
        return self.scene.arn("ecs", f"task/{self.site.prefix}/{family}")

    def _task(self, arn: str) -> dict[str, Any]:
        family, now = arn.rpartition("/")[2], datetime.now(UTC)
        details = [{"name": "privateIPv4Address", "value": "10.0.0.1"}]
        return {
            "taskArn": arn,
            "startedBy": self.tasks.get(family, ""),
            "createdAt": now,
            "startedAt": now,
            "lastStatus": "RUNNING",
            "healthStatus": "HEALTHY",
            "attachments": [{"type": "ElasticNetworkInterface", "details": details}],
        }


class _Session:
    """Of the copy's administrator."""

    def value(self, _: str) -> bool:
        """It is no standby."""
        return False

    def run(self, _: str) -> None:
        """Whatever it is told."""
