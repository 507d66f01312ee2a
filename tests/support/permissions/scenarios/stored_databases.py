"""Databases that were restored, as RDS shows them, and what is in them: their servers are in memory, as nothing that happens
there is AWS's to allow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

from permissions.recorded_aws import Refused
from permissions.scene import Scene

from shared import database_census, postgresql_connection
from shared.census import Census, Part

LOGIN: Final = json.dumps({"username": "administrator", "password": "secret"})
PARTS: Final = {"public.orders": Part(1, newest=1.0, sample={"(1)": "a"})}


@dataclass
class StoredDatabases:
    """By their identifiers."""

    scene: Scene
    there: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answers(self) -> dict[str, Any]:
        """By service and operation."""
        return {
            "rds.DescribeDBInstances": self._describe,
            "rds.ModifyDBInstance": self._modify,
            "rds.RestoreDBInstanceToPointInTime": self._restore,
            "secretsmanager.GetSecretValue": {"SecretString": LOGIN},
        }

    def _describe(self, asked: Mapping[str, Any]) -> Any:
        found = self.there.get(asked["DBInstanceIdentifier"])
        return {"DBInstances": [found]} if found else Refused("DBInstanceNotFound")

    def _modify(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._managed(asked["DBInstanceIdentifier"], asked["MasterUserSecretKmsKeyId"])
        return {}

    def _restore(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.restored(asked["TargetDBInstanceIdentifier"], tags=list(asked["Tags"]))
        return {}

    def restored(self, name: str, tags: list[dict[str, str]] | None = None) -> None:
        """It is there, with the password of then."""
        self.there[name] = {
            "DBInstanceIdentifier": name,
            "DBInstanceStatus": "available",
            "Endpoint": {"Address": "db.invalid", "Port": 5432},
            "TagList": tags or [],
        }

    def _managed(self, name: str, key_arn: str) -> None:
        secret = self.scene.arn("secretsmanager", f"secret:rds!db-{len(self.there)}-AbCdEf")
        self.there[name]["MasterUserSecret"] = {"SecretArn": secret, "SecretStatus": "active"}
        self.scene.aws.managed_secrets[secret] = (self.scene.arn("rds", f"db:{name}"), key_arn)


@contextmanager
def in_memory(module: Any) -> Iterator[None]:
    """Sessions of `module` are with nobody, and a census has one row."""

    @contextmanager
    def connected(*_: object) -> Iterator[None]:
        yield None

    def take(*_: object, **__: object) -> Census:
        return Census(2.0, PARTS)

    assert postgresql_connection.connected is module.connected
    with patch.object(module, "connected", connected), patch.object(database_census, "take", take):
        yield
