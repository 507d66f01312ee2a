"""Executions of the drill's state machine in virtual time, by its real functions, in the world of failovers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from drilling.names import LOGIN, MACHINE, drill_plan
from drilling.rds import Databases
from drilling.tasks import Tasks
from failing_over.names import DATABASE, PREFIX
from failing_over.sites import date
from failing_over.world import Handler, World
from permissions.recorded_aws import Answer, Refused

from failover.drill import clock_call, control, inside, opening
from understudy.drill_workflow import drill_workflow


@dataclass
class Session:
    """Of the administrator of a promoted copy: it knows that it is no standby, and keeps what it is told."""

    statements: list[str] = field(default_factory=list)

    def value(self, _: str) -> bool:
        """Whether it is a standby."""
        return False

    def run(self, statement: str) -> None:
        """Keep it."""
        self.statements.append(statement)


@dataclass
class Drilling(World):
    """The waiting site, and whoever drills there."""

    days: int | None = 30
    database_session: Session = field(default_factory=Session)
    logins: list[str] = field(default_factory=list)
    """What was put into the drill's secret."""
    metrics: list[tuple[str, float]] = field(default_factory=list)
    begun: list[Mapping[str, Any]] = field(default_factory=list)
    """Executions that the clock has asked for."""
    keys: list[str] = field(default_factory=list)
    """Of objects, beside what was put there."""

    def __post_init__(self) -> None:
        """Two backups have been copied, and a third is on its way."""
        self.rds = Databases(self.epoch)
        self.ecs = Tasks(self.epoch)
        self.rds.backed_up("awsbackup:copyjob-old", self.now - 90_000)
        self.rds.backed_up("awsbackup:copyjob-new", self.now - 7200)
        self.rds.backed_up("awsbackup:copyjob-half", self.now - 60, status="creating")

    def drill(self, name: str = "drill-1", **given: Any) -> str:
        """Hold one: `Held` or the error it ended with."""
        asked = {"environment": PREFIX, "because": "a test", "by": "somebody", **given}
        definition = drill_workflow({"control": "drill-control", "inside": "drill-inside"})
        return self.execute(definition, MACHINE, name, asked) or "Held"

    def skip(self, days: float) -> None:
        """So many days pass in which nothing happens but that the active site renews its lease."""
        self.now += 86_400 * days
        self._second = self.now
        self.sleep(120)

    def clock(self, **event: Any) -> dict[str, Any]:
        """As EventBridge calls."""
        return dict(clock_call.handler(event or {"scheduled": True}, object()))

    @property
    def functions(self) -> dict[str, Handler]:
        """The drill's too."""
        return {**super().functions, "drill-control": control.handler, "drill-inside": inside.handler}

    @property
    def left(self) -> list[str]:
        """What is there of any drill."""
        names = [name for name in self.rds.there if isinstance(self.rds.describe(name), Mapping)]
        return [*names, *(task.family for task in self.ecs.running)]

    @property
    def result(self) -> dict[str, Any]:
        """The newest drill's report, which stands in table and bucket alike."""
        (item,) = [name for name in self.tables.regions["us-east-1"] if name == f"drill#{self.newest['id']}"]
        told = json.loads(str(self.item(item)["report"]))
        assert json.loads(self.objects[-1]) == told
        return dict(told)

    @property
    def newest(self) -> dict[str, Any]:
        """The record."""
        return dict(json.loads(str(self.item("drill")["drill"])))

    def further_answers(self) -> dict[str, Answer | Refused]:
        """What is asked of AWS about a drill."""
        return {
            **self.rds.answers(),
            **self.ecs.answers(),
            "rds.DescribeDBInstances": self._describe,
            "rds.PromoteReadReplica": self._promote,
            "ssm.GetParameter": self._parameter,
            "secretsmanager.GetSecretValue": {"SecretString": json.dumps({"username": "admin", "password": "x"})},
            "secretsmanager.PutSecretValue": self._put_secret,
            "cloudwatch.PutMetricData": self._measure,
            "stepfunctions.StartExecution": self._begin,
        }

    def further_stubs(self) -> list[tuple[Any, str, Any]]:
        """The server of the copy."""

        @contextmanager
        def connected(*_: Any) -> Iterator[Session]:
            yield self.database_session

        return [(opening, "connected", connected)]

    def _describe(self, asked: Mapping[str, Any]) -> Any:
        name = asked["DBInstanceIdentifier"]
        assert name != DATABASE or self.promotions or "failover" in self.tables.regions["us-east-1"]
        return self._waiting() if name == DATABASE else self.rds.describe(name)

    def _waiting(self) -> Mapping[str, Any]:
        busy = self.promoted_at is not None and self.in_recovery
        source = "arn:aws:rds:us-west-2:123456789012:db:shop-prod-db"
        status = "modifying" if busy else "available"
        return {"DBInstances": [{"DBInstanceStatus": status, "ReadReplicaSourceDBInstanceIdentifier": source}]}

    def _promote(self, asked: Mapping[str, Any]) -> Any:
        if asked["DBInstanceIdentifier"] != DATABASE:
            return self.rds.promote(asked)
        self.promotions += 1
        self.promoted_at = self.promoted_at or self.now + self.promotion_seconds
        return {"DBInstance": {}}

    def _parameter(self, asked: Mapping[str, Any]) -> Any:
        plans = {f"/{PREFIX}/failover": self.plan, f"/{PREFIX}/drill": drill_plan(days=self.days)}
        return {"Parameter": {"Value": json.dumps(plans[asked["Name"]])}}

    def _put_secret(self, asked: Mapping[str, Any]) -> Any:
        assert LOGIN == asked["SecretId"]
        self.logins.append(asked["SecretString"])
        return {}

    def _measure(self, asked: Mapping[str, Any]) -> Any:
        self.metrics += [(each["MetricName"], each["Value"]) for each in asked["MetricData"]]
        return {}

    def _begin(self, asked: Mapping[str, Any]) -> Any:
        assert MACHINE == asked["stateMachineArn"]
        if any(asked["name"] == each["name"] for each in self.begun):
            return Refused("ExecutionAlreadyExists")
        self.begun.append(asked)
        return {
            "executionArn": f"{MACHINE.replace(':stateMachine:', ':execution:')}:{asked['name']}",
            "startDate": date(self.now),
        }
