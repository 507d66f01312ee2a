"""Two regions in moto: secrets of an active site, and of the one that waits; the lease, and the refresh over there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws
from rotation import versions_as_in_aws
from rotation.secrets_manager import SecretsManager

from secret_mirror.models import settings
from shared import aws

HERE: Final = "us-west-2"
THERE: Final = "us-east-1"
PREFIX: Final = "shop-prod"
NAMES: Final = ("database", "database-administrator", "SIGNING_KEY", "MODEL_KEY")
"""Of which tasks are refreshed for all but the last, a supplied one."""
PLANTED: Final = "planted-value"
"""How every value begins: nothing that is written may contain it."""


@dataclass
class World:
    """As it is after the stand-in's first deployment: every secret there has a random value of its own."""

    here: SecretsManager = field(default_factory=lambda: SecretsManager(HERE))
    there: SecretsManager = field(default_factory=lambda: SecretsManager(THERE))
    source: dict[str, str] = field(default_factory=dict)
    target: dict[str, str] = field(default_factory=dict)

    def begin(self) -> World:
        """Make everything."""
        for name in NAMES:
            self.source[name] = self.here.create(f"{PREFIX}/{name}", {"password": f"{PLANTED}-{uuid4()}"})
            self.target[name] = self.there.create(f"{PREFIX}/{name}-there", {"password": "random"})
        copies = [
            {
                "name": f"{PREFIX}/{name}",
                "source": self.source[name],
                "target": self.target[name],
                "refreshed": name != NAMES[-1],
            }
            for name in NAMES
        ]
        boto3.client("ssm", region_name=HERE).put_parameter(
            Name=f"/{PREFIX}/secret-mirror", Type="String", Value=json.dumps(copies)
        )
        self._dynamodb.create_table(
            TableName=f"{PREFIX}-recovery",
            KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.held_by(HERE)
        boto3.client("stepfunctions", region_name=THERE).create_state_machine(
            name=f"{PREFIX}-secret-refresh",
            definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
            roleArn="arn:aws:iam::123456789012:role/refresh",
        )
        return self

    @property
    def _dynamodb(self) -> Any:
        return boto3.client("dynamodb", region_name=THERE)

    def held_by(self, region: str) -> None:
        """Have the waiting site's table name `region` as the holder of the lease."""
        numbers = {name: {"N": "1"} for name in ("epoch", "until", "serial")}
        self._dynamodb.put_item(
            TableName=f"{PREFIX}-recovery", Item={"item": {"S": "lease"}, "holder": {"S": region}, **numbers}
        )

    def rotate(self, name: str) -> str:
        """Give the secret another current version, by a rotation; its name."""
        token = str(uuid4())
        boto3.client("secretsmanager", region_name=HERE).put_secret_value(
            SecretId=self.source[name],
            ClientRequestToken=token,
            SecretString=json.dumps({"password": f"{PLANTED}-{token}"}),
            VersionStages=["AWSCURRENT"],
        )
        return token

    def labels(self, secrets: SecretsManager, arn: str) -> dict[str, str | None]:
        """The versions that are current, and were before."""
        return {label: secrets.labelled(arn, label) for label in ("AWSCURRENT", "AWSPREVIOUS")}

    def in_step(self) -> bool:
        """Whether each secret there has the version of here under its name, with its value."""
        for name in NAMES:
            current = self.here.labelled(self.source[name], "AWSCURRENT")
            if current is None or current != self.there.labelled(self.target[name], "AWSCURRENT"):
                return False
            if self.here.value(self.source[name], current) != self.there.value(self.target[name], current):
                return False
        return True

    def refreshes(self) -> list[str]:
        """Names of the executions over there."""
        client = boto3.client("stepfunctions", region_name=THERE)
        (machine,) = client.list_state_machines()["stateMachines"]
        listed = client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        return sorted(execution["name"] for execution in listed)


@contextmanager
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two empty regions, and then a world in them."""
    variables = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": HERE,
        "AWS_DEFAULT_REGION": HERE,
        "PREFIX": PREFIX,
        "PEER_REGION": THERE,
        "REFRESH_ARN": f"arn:aws:states:{THERE}:123456789012:stateMachine:{PREFIX}-secret-refresh",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    versions_as_in_aws.install(monkeypatch)
    settings.cache_clear()
    with mock_aws():
        aws.forget_clients()
        yield World().begin()
    aws.forget_clients()
    settings.cache_clear()
