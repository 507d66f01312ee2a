"""What AWS answers in the world of failovers, by what stands there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from failing_over.names import BEGIN, BUCKET, DATABASE, FILES, HOME, MACHINE, THERE, TOPIC
from failing_over.sites import Sites, date
from permissions.recorded_aws import Answer, Refused

Asked = Mapping[str, Any]
SOURCE = "fs-0000000000000000b"
"""The other site's file system."""


@dataclass
class Apis:
    """Of all services that the functions ask."""

    world: Sites
    executions: Mapping[str, str]
    """Status by ARN."""
    region: str = THERE
    """That the present call of DynamoDB goes to."""

    def answers(self) -> dict[str, Answer | Refused]:
        """By operation."""
        return {
            "dynamodb.GetItem": self._table("GetItem"),
            "dynamodb.PutItem": self._table("PutItem"),
            "dynamodb.DeleteItem": self._table("DeleteItem"),
            "ssm.GetParameter": {"Parameter": {"Value": json.dumps(self.world.plan)}},
            "sns.Publish": self._publish,
            "s3.PutObject": self._put_object,
            "cloudwatch.PutMetricData": {},
            "rds.DescribeDBInstances": self._instances,
            "rds.PromoteReadReplica": self._promote,
            "efs.DescribeReplicationConfigurations": self._replication,
            "efs.DeleteReplicationConfiguration": self._end_replication,
            "application-autoscaling.RegisterScalableTarget": self._bound,
            "ecs.UpdateService": self._ask_for,
            "ecs.DescribeServices": self._services,
            "elbv2.DescribeTargetHealth": self._targets,
            "stepfunctions.DescribeExecution": self._execution,
            "health.DescribeEvents": lambda _: self.world.health,
        }

    def _table(self, operation: str) -> Callable[[Asked], Any]:
        return lambda asked: self.world.tables.ask(self.region, operation, asked)

    def _publish(self, asked: Asked) -> dict[str, Any]:
        assert TOPIC == asked["TopicArn"]
        self.world.messages.append((asked["Subject"], asked["Message"]))
        return {"MessageId": "1"}

    def _put_object(self, asked: Asked) -> dict[str, Any]:
        assert BUCKET == asked["Bucket"]
        self.world.objects.append(asked["Body"].read().decode())
        return {}

    def _instances(self, _: Asked) -> dict[str, Any]:
        waits = self.world.promoted_at is None or not self.world.in_recovery
        # As moto has it: the source stays there, and so no step may take that for the truth.
        described = {"ReadReplicaSourceDBInstanceIdentifier": f"arn:aws:rds:{HOME}:123456789012:db:shop-prod-db"}
        return {"DBInstances": [{"DBInstanceStatus": "available" if waits else "modifying", **described}]}

    def _promote(self, asked: Asked) -> dict[str, Any]:
        told = asked["DBInstanceIdentifier"], asked["BackupRetentionPeriod"], asked["PreferredBackupWindow"]
        assert (DATABASE, 30, "00:00-01:00") == told
        world = self.world
        world.promotions += 1
        if world.promoted_at is None:
            world.promoted_at = world.now + (world.promotion_seconds if world.promotes else 10**9)
        return {"DBInstance": {}}

    def _replication(self, asked: Asked) -> Mapping[str, Any] | Refused:
        assert FILES == asked["FileSystemId"]
        ends = self.world.files_ended_at
        if ends is not None and self.world.now >= ends:
            return Refused("ReplicationNotFound")
        destination = {
            "Status": "ENABLED" if ends is None else "DELETING",
            "FileSystemId": FILES,
            "Region": THERE,
            "LastReplicatedTimestamp": date(BEGIN + 60),
        }
        source = {
            "SourceFileSystemId": SOURCE,
            "SourceFileSystemRegion": HOME,
            "SourceFileSystemArn": f"arn:aws:elasticfilesystem:{HOME}:123456789012:file-system/{SOURCE}",
            "OriginalSourceFileSystemArn": f"arn:aws:elasticfilesystem:{HOME}:123456789012:file-system/{SOURCE}",
            "CreationTime": date(BEGIN),
            "Destinations": [destination],
        }
        return {"Replications": [source]}

    def _end_replication(self, asked: Asked) -> Mapping[str, Any] | Refused:
        assert SOURCE == asked["SourceFileSystemId"]
        if self.world.files_refused:
            return Refused("AccessDeniedException")
        if self.world.files_ended_at is not None:
            return Refused("ReplicationNotFound")
        self.world.files_ended.append(asked["DeletionMode"])
        self.world.files_ended_at = self.world.now + self.world.files_end_seconds
        return {}

    def _bound(self, asked: Asked) -> dict[str, Any]:
        self.world.bounds[asked["ResourceId"].rsplit("/", 1)[-1]] = asked["MinCapacity"], asked["MaxCapacity"]
        return {}

    def _ask_for(self, asked: Asked) -> dict[str, Any]:
        self.world.desired[asked["service"]] = asked["desiredCount"]
        return {}

    def _services(self, asked: Asked) -> dict[str, Any]:
        return {"services": [self._service(name) for name in asked["services"]], "failures": []}

    def _service(self, name: str) -> dict[str, Any]:
        running, desired = self._running()[name], self.world.desired[name]
        short = f"service {name} was unable to place a task because there is no capacity"
        return {
            "serviceName": name,
            "status": "ACTIVE",
            "desiredCount": desired,
            "runningCount": running,
            "loadBalancers": [{"targetGroupArn": f"arn:group/{name}"}],
            "events": [{"message": short}] if running < desired else [],
        }

    def _targets(self, asked: Asked) -> dict[str, Any]:
        running = self._running()[asked["TargetGroupArn"].rsplit("/", 1)[-1]]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * running}

    def _running(self) -> dict[str, int]:
        """Tasks are placed in the order of the services, as long as there is room."""
        room, found = self.world.capacity, {}
        for name, wanted in self.world.desired.items():
            found[name] = min(wanted, room)
            room -= found[name]
        return found

    def _execution(self, asked: Asked) -> Mapping[str, Any] | Refused:
        arn = asked["executionArn"]
        if arn not in self.executions:
            return Refused("ExecutionDoesNotExist")
        status = self.executions[arn]
        return {"executionArn": arn, "stateMachineArn": MACHINE, "status": status, "startDate": date(BEGIN)}
