"""The databases of drills, as RDS has them: they take their time, and refuse what comes too soon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from drilling.names import COPY, REPLICA, SOURCE
from permissions.recorded_aws import Answer, Refused

MAKING, PROMOTING, DELETING, PASSWORD = 600.0, 200.0, 180.0, 40.0
"""Seconds."""
BUSY: Final = Refused("InvalidDBInstanceState")
MADE_FROM: Final = {
    "VpcSecurityGroupIds": ["sg-drilled"],
    "MultiAZ": False,
    "PubliclyAccessible": False,
    "DeletionProtection": False,
}


@dataclass
class Instance:
    """One of them."""

    tags: list[dict[str, str]]
    ready_at: float
    source: str | None = None
    deleted_at: float | None = None
    secret_at: float | None = None
    promoted: bool = False


@dataclass
class Databases:
    """By identifier."""

    now: Callable[[], float]
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    there: dict[str, Instance] = field(default_factory=dict)
    refusal: Refused | None = None
    """Of a restore."""
    promoting_seconds: float = PROMOTING
    restores: int = 0
    promotions: int = 0
    deleted: list[str] = field(default_factory=list)

    def answers(self) -> dict[str, Answer | Refused]:
        """By operation; those about other databases are somebody else's."""
        return {
            "rds.DescribeDBSnapshots": self._snapshots,
            "rds.RestoreDBInstanceFromDBSnapshot": self._restore,
            "rds.CreateDBInstanceReadReplica": self._replicate,
            "rds.ModifyDBInstance": self._modify,
            "rds.DeleteDBInstance": self._delete,
        }

    def backed_up(self, name: str, at: float, status: str = "available") -> None:
        """A copy of a backup arrives."""
        taken = datetime.fromtimestamp(at, UTC)
        self.snapshots.append({"DBSnapshotIdentifier": name, "Status": status, "SnapshotCreateTime": taken})

    def describe(self, name: str) -> Mapping[str, Any] | Refused:
        """As RDS does."""
        found = self._find(name)
        if found is None:
            return Refused("DBInstanceNotFound")
        described: dict[str, Any] = {
            "DBInstanceIdentifier": name,
            "DBInstanceStatus": self._status(found),
            "TagList": found.tags,
        }
        if self._status(found) == "available":
            described["Endpoint"] = {"Address": f"{name}.internal", "Port": 5432}
        if found.source is not None and not (found.promoted and self.now() >= found.ready_at):
            described["ReadReplicaSourceDBInstanceIdentifier"] = found.source
        if found.secret_at is not None:
            active = self.now() >= found.secret_at
            arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-{name}"
            described["MasterUserSecret"] = {"SecretArn": arn, "SecretStatus": "active" if active else "creating"}
        return {"DBInstances": [described]}

    def promote(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """Only a replica that does nothing else."""
        assert (REPLICA, 30, "00:00-01:00") == (
            asked["DBInstanceIdentifier"],
            asked["BackupRetentionPeriod"],
            asked["PreferredBackupWindow"],
        )
        found = self._find(REPLICA)
        if found is None or self._status(found) != "available":
            return BUSY
        self.promotions += 1
        found.promoted, found.ready_at = True, self.now() + self.promoting_seconds
        return {"DBInstance": {}}

    def _snapshots(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert (SOURCE, "awsbackup") == (asked["DBInstanceIdentifier"], asked["SnapshotType"])
        return {"DBSnapshots": self.snapshots}

    def _restore(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        assert MADE_FROM.items() <= asked.items()
        assert (COPY, 1, "isolated") == (
            asked["DBInstanceIdentifier"],
            asked["BackupRetentionPeriod"],
            asked["DBSubnetGroupName"],
        )
        # RDS replicates none whose password it manages.
        assert "ManageMasterUserPassword" not in asked
        if self.refusal is not None:
            return self.refusal
        if self._find(COPY) is not None:
            return Refused("DBInstanceAlreadyExists")
        self.restores += 1
        self.there[COPY] = Instance(asked["Tags"], self.now() + MAKING)
        return {"DBInstance": {}}

    def _replicate(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        assert MADE_FROM.items() <= asked.items()
        assert (REPLICA, COPY) == (asked["DBInstanceIdentifier"], asked["SourceDBInstanceIdentifier"])
        source = self._find(COPY)
        if source is None or self._status(source) != "available":
            return BUSY
        if self._find(REPLICA) is not None:
            return Refused("DBInstanceAlreadyExists")
        self.there[REPLICA] = Instance(asked["Tags"], self.now() + MAKING, source=COPY)
        return {"DBInstance": {}}

    def _modify(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        assert REPLICA == asked["DBInstanceIdentifier"]
        found = self._find(REPLICA)
        assert found is not None
        assert asked["ManageMasterUserPassword"]
        assert found.promoted
        found.secret_at = self.now() + PASSWORD
        return {"DBInstance": {}}

    def _delete(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        name = asked["DBInstanceIdentifier"]
        assert (True, True) == (asked["SkipFinalSnapshot"], asked["DeleteAutomatedBackups"])
        found = self._find(name)
        if found is None:
            return Refused("DBInstanceNotFound")
        if self._status(found) != "available":
            return BUSY
        found.deleted_at = self.now() + DELETING
        self.deleted.append(name)
        return {"DBInstance": {}}

    def _find(self, name: str) -> Instance | None:
        found = self.there.get(name)
        if found is not None and found.deleted_at is not None and self.now() >= found.deleted_at:
            return self.there.pop(name) and None
        return found

    def _status(self, found: Instance) -> str:
        if found.deleted_at is not None:
            return "deleting"
        if self.now() < found.ready_at:
            return "modifying" if found.promoted else "creating"
        return "available"
