"""Secrets of the templates as Secrets Manager keeps them: what the scenarios of rotation and refresh have in common.

Not moto's, whose ARNs are its own. Where a label may stand and what a version may become, the tests of rotation prove.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from permissions.deployed import Deployed, Resource
from permissions.recorded_aws import Answer, Refused

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"
FIRST: Final = "first".ljust(32, "-")
"""The version that CloudFormation makes."""
AGE: Final = timedelta(days=1)
"""Since when every secret has that one."""


@dataclass
class StoredSecret:
    """Values and labels of one secret, by version."""

    arn: str
    values: dict[str, str]
    labels: dict[str, list[str]] = field(default_factory=lambda: {FIRST: [CURRENT]})
    rotated: bool = False
    created: datetime = field(default_factory=lambda: datetime.now(UTC) - AGE)

    @property
    def current(self) -> dict[str, Any]:
        """The value that services get."""
        value: dict[str, Any] = json.loads(self.values[self.holder(CURRENT) or ""])
        return value

    def holder(self, label: str) -> str | None:
        """The version with `label`."""
        return next((version for version, labels in self.labels.items() if label in labels), None)

    def place(self, label: str, version: str | None) -> None:
        """Move `label` to `version`, or take it away. AWSPREVIOUS follows AWSCURRENT by itself."""
        before = self.holder(label)
        if before is not None:
            self.labels[before].remove(label)
        if version is not None:
            self.labels.setdefault(version, []).append(label)
        if label == CURRENT and before != version:
            self.place(PREVIOUS, before)

    def put(self, version: str, value: str, labels: list[str]) -> None:
        """Give `version` a value and labels."""
        self.values[version] = value
        for label in labels:
            self.place(label, version)


class StoredSecrets:
    """Every secret of an environment, with its first value."""

    def __init__(self, deployed: Deployed) -> None:
        rotated = {each.properties["SecretId"] for each in deployed.resources("AWS::SecretsManager::RotationSchedule")}
        self.by_arn = {
            each.arn: StoredSecret(each.arn, {FIRST: _generated(each)}, rotated=each.arn in rotated)
            for each in deployed.resources("AWS::SecretsManager::Secret")
        }

    def answers(self) -> dict[str, Answer | Refused]:
        """What Secrets Manager answers, each change included."""
        return {
            "secretsmanager.DescribeSecret": self._describe,
            "secretsmanager.GetSecretValue": self._get,
            "secretsmanager.ListSecretVersionIds": self._list,
            "secretsmanager.PutSecretValue": self._put,
            "secretsmanager.UpdateSecretVersionStage": self._move,
        }

    def _describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        secret = self.by_arn[asked["SecretId"]]
        return {
            "ARN": secret.arn,
            "RotationEnabled": secret.rotated,
            "CreatedDate": secret.created,
            "LastChangedDate": secret.created,
            "VersionIdsToStages": {version: list(labels) for version, labels in secret.labels.items() if labels},
        }

    def _get(self, asked: Mapping[str, Any]) -> Any:
        secret = self.by_arn[asked["SecretId"]]
        if asked["VersionId"] not in secret.values:
            return Refused("ResourceNotFoundException")
        return {"ARN": secret.arn, "SecretString": secret.values[asked["VersionId"]]}

    def _list(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        secret = self.by_arn[asked["SecretId"]]
        return {
            "ARN": secret.arn,
            "Versions": [
                {"VersionId": version, "VersionStages": list(labels), "CreatedDate": secret.created}
                for version, labels in secret.labels.items()
                if labels
            ],
        }

    def _put(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        secret = self.by_arn[asked["SecretId"]]
        secret.put(asked["ClientRequestToken"], asked["SecretString"], asked["VersionStages"])
        return {"ARN": secret.arn}

    def _move(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        secret = self.by_arn[asked["SecretId"]]
        secret.place(asked["VersionStage"], asked.get("MoveToVersionId"))
        return {"ARN": secret.arn}


def _generated(secret: Resource) -> str:
    """What CloudFormation would make by `GenerateSecretString`."""
    wanted = secret.properties["GenerateSecretString"]
    value = "x" * wanted["PasswordLength"]
    key = wanted.get("GenerateStringKey")
    return json.dumps({**json.loads(wanted["SecretStringTemplate"]), key: value}) if key else value
