"""The waiting site as functions of recovery find it: moto's tables, a database and a CDN in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final
from unittest.mock import patch

from permissions.recorded_aws import Refused
from permissions.scene import Scene

from failover import observations, probe, replica
from failover.probe import Asked, Probed
from failover.replica import Position
from failover.signals import Observation
from failover.table import Table
from shared import administrators, clock, smoke_tests
from shared.handover import HandoverTable
from shared.heartbeat import Beat
from shared.lease import Lease
from shared.lease_table import LeaseTable
from shared.smoke_tests import Verdict

EXECUTION: Final = "arn:aws:states:{region}:123456789012:execution:{prefix}-failover:one"


class Site:
    """The waiting site of the function, whose tables are moto's."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        variables = scene.variables
        self.here, self.peer = scene.function.region, variables["PEER_REGION"]
        self.witness = variables.get("WITNESS_REGION", "")
        self.prefix = variables["PREFIX"]
        self.table_name = f"{self.prefix}-recovery"
        self.execution = EXECUTION.format(region=self.here, prefix=self.prefix)
        self.mode, self.promoted, self.files_end = "failover", False, False
        parameter = f"/{self.prefix}/failover"
        self.plan = json.loads(scene.parameter(parameter))
        scene.write_parameter(parameter, json.dumps(self.plan))

    def answers(self) -> dict[str, Any]:
        """Of AWS."""
        described = {"DBInstanceStatus": "available", "ReadReplicaSourceDBInstanceIdentifier": "source"}
        ended = {
            "executionArn": self.execution,
            "stateMachineArn": f"arn:aws:states:{self.here}:123456789012:stateMachine:{self.prefix}-failover",
            "status": "ABORTED",
            "startDate": datetime.now(UTC),
        }
        healthy = {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * 100}
        version = {"VersionIdsToStages": {"1" * 32: ["AWSCURRENT"]}, "CreatedDate": datetime.now(UTC)}
        return {
            "rds.DescribeDBInstances": {"DBInstances": [described]},
            "rds.PromoteReadReplica": {"DBInstance": {}},
            "efs.DescribeReplicationConfigurations": self._replication,
            "efs.DeleteReplicationConfiguration": self._end_replication,
            "application-autoscaling.RegisterScalableTarget": {},
            "ecs.DescribeServices": self._services(),
            "ecs.UpdateService": {},
            "elbv2.DescribeTargetHealth": healthy,
            "stepfunctions.DescribeExecution": ended,
            "health.DescribeEvents": Refused("SubscriptionRequiredException"),
            "cloudfront-keyvaluestore.DescribeKeyValueStore": {
                "ItemCount": 0,
                "TotalSizeInBytes": 0,
                "KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/1",
                "Created": datetime.now(UTC),
                "ETag": "1",
            },
            "cloudfront-keyvaluestore.GetKey": Refused("ResourceNotFoundException"),
            "cloudfront-keyvaluestore.PutKey": {"ItemCount": 1, "TotalSizeInBytes": 1, "ETag": "2"},
            "cloudwatch.PutMetricData": {},
            "sns.Publish": {"MessageId": "1"},
            "s3.PutObject": {},
            "secretsmanager.DescribeSecret": version,
            "secretsmanager.GetSecretValue": {"SecretString": json.dumps({"username": "admin", "password": "x"})},
        }

    def _replication(self, asked: Mapping[str, Any]) -> Any:
        """There until it is ended."""
        if self.files_end:
            return Refused("ReplicationNotFound")
        target = {"Status": "ENABLED", "FileSystemId": asked["FileSystemId"], "Region": self.here}
        source = {
            "SourceFileSystemId": "fs-0000000000000000b",
            "SourceFileSystemRegion": self.peer,
            "SourceFileSystemArn": f"arn:aws:elasticfilesystem:{self.peer}:123456789012:file-system/fs-0000000000000000b",
            "OriginalSourceFileSystemArn": "",
            "CreationTime": datetime.now(UTC),
            "Destinations": [target],
        }
        return {"Replications": [source]}

    def _end_replication(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self.files_end = True
        return {}

    def _services(self) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
        """Grown by the second look at them."""
        desired = {service["name"]: service["desired"] for service in self.plan["services"]}
        looks = iter(range(1000))

        def described(asked: Mapping[str, Any]) -> Mapping[str, Any]:
            grown = next(looks) % 2
            return {
                "services": [
                    {
                        "serviceName": name,
                        "status": "ACTIVE",
                        "desiredCount": desired[name] if grown else 0,
                        "runningCount": desired[name] if grown else 0,
                        "loadBalancers": [{"targetGroupArn": f"arn:aws:elasticloadbalancing:targetgroup/{name}/1"}],
                    }
                    for name in asked["services"]
                ],
                "failures": [],
            }

        return described

    @contextmanager
    def living(self) -> Iterator[None]:
        """What is no API: the database, but for how one logs in there, and the CDN."""

        @contextmanager
        def asking(database: Any) -> Iterator[None]:
            list(administrators.logins(database.administrator))
            yield None

        def beat(_: Any) -> Beat:
            region = self.here if self.promoted else self.peer
            return Beat(region, 1, 1, datetime.now(UTC))

        seen = {self.peer: Probed(self.peer, [Asked("failing", 503, "503")])}
        with (
            patch.object(replica, "asking", asking),
            patch.object(replica, "last_beat", beat),
            patch.object(replica, "position", lambda _: Position(not self.promoted, "0/1", "0/1", caught_up=True)),
            patch.object(replica, "streaming", lambda _: False),
            patch.object(replica, "reached", lambda *_: True),
            patch.object(probe, "probe", lambda *_, **__: seen),
            patch.object(probe, "routed", lambda _: self.here),
            patch.object(smoke_tests, "ask", lambda *_, **__: Verdict(())),
        ):
            yield

    def begin(self, mode: str) -> None:
        """Tables as they are while the other site holds a lease that has run out, or is at work for a switchover."""
        self.mode, self.files_end = mode, False
        calls = list(self.scene.aws.calls)
        now = clock.epoch()
        until = now - 100 if mode == "failover" else now + 40
        for region in (self.here, self.peer, *([self.witness] if self.witness else [])):
            table = LeaseTable(self.table_name, region)
            table.write(Lease(self.peer, 1, until, 99), instead_of=table.read())
        for item in ("failover", "lock", "question", "answer"):
            self.remove(item)
        self._see(now, until)
        self.put("lock", {"execution": self.execution.replace(":one", ":dead"), "taken_at": now})
        # What the scene itself has asked proves nothing.
        self.scene.aws.calls[:] = calls

    def record(self, mode: str) -> None:
        """What the control function has written by the time that the other one is asked."""
        calls = list(self.scene.aws.calls)
        values = {
            "id": "one",
            "mode": mode,
            "execution": self.execution,
            "state": "running",
            "because": "",
            "by": "somebody",
            "from_region": self.peer,
            "to_region": self.here,
            "detected_at": 1.0,
            "fenced_at": 2.0,
            "fenced_position": "0/1",
            "no_return_at": 3.0,
        }
        self.put("failover", values)
        self.scene.aws.calls[:] = calls

    def running(self) -> None:
        """The failover goes on, as another execution would have it."""
        calls = list(self.scene.aws.calls)
        item = dict(Table(self.table_name, self.here).read("failover") or {})
        self.put("failover", {**item, "state": "running"})
        self.scene.aws.calls[:] = calls

    def step(self, step: str, *, failed: str | None = None, wanted: str = "SUCCEEDED") -> None:
        """Ask until it has a verdict."""
        event = {
            "step": step,
            "execution": self.execution,
            "started_at": datetime.now(UTC).isoformat(),
            "input": {"mode": self.mode, "environment": self.prefix, "because": "x", "by": "somebody"},
            "failed": {"step": failed, "reason": "it failed"} if failed else None,
        }
        answer: dict[str, Any] = {}
        for _ in range(6):
            answer = self.scene.invoke(event)
            if answer["status"] != "IN_PROGRESS":
                break
            assert "this look failed" not in answer["reason"], (step, answer)
            if wanted == "IN_PROGRESS":
                break
            self._answer_for_others(step)
        assert wanted == answer["status"], (step, answer)

    def _answer_for_others(self, step: str) -> None:
        """The other site's guard stops when it is asked; a person approves."""
        calls = list(self.scene.aws.calls)
        question = Table(self.table_name, self.here).read("question")
        if question is not None:
            given = {"question": question["id"], "verdict": "approve", "by": "somebody", "at": 1.0}
            self.put("answer", given)
        if step == "fence":
            table = HandoverTable(self.table_name, self.peer)
            request = table.look()
            assert request is not None
            table.acknowledge(request.execution, fenced_at=1.0, position="0/1")
            for region in (self.here, *([self.witness] if self.witness else [])):
                place = LeaseTable(self.table_name, region)
                stands = place.read()
                place.write(Lease(self.peer, 1, 1.0, 100), instead_of=stands)
        self.scene.aws.calls[:] = calls

    def _see(self, now: float, until: float) -> None:
        lives = self.mode == "switchover"
        for index in range(5):
            at = now - 20.0 * (4 - index) - 0.5
            seen = Observation(
                at,
                "ready" if lives else "failing",
                heartbeat=at - 1 if lives else now - 150,
                streaming=lives,
                lease_here=at + 40 if lives else until,
                lease_witness=(at + 40 if lives else until) if self.witness else None,
            )
            observations.add(Table(self.table_name, self.here), seen)

    def put(self, item: str, values: Mapping[str, Any]) -> None:
        """Whatever stands there. What the scene itself asks proves nothing."""
        calls = list(self.scene.aws.calls)
        table = Table(self.table_name, self.here)
        table.put(item, values, instead_of=table.read(item))
        self.scene.aws.calls[:] = calls

    def item(self, name: str) -> Mapping[str, Any]:
        """As it stands there; empty without one."""
        calls = list(self.scene.aws.calls)
        found = Table(self.table_name, self.here).read(name)
        self.scene.aws.calls[:] = calls
        return found or {}

    def remove(self, item: str) -> None:
        """Whatever stands there."""
        calls = list(self.scene.aws.calls)
        table = Table(self.table_name, self.here)
        stands = table.read(item)
        if stands is not None:
            table.remove(item, instead_of=stands)
        self.scene.aws.calls[:] = calls
