"""One real broker in the place of two: what the active site's consists of is sent, the broker is emptied, and it is received."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import boto3
import pytest
from moto import mock_aws

from broker_mirror.models import OBJECT, settings
from rehearsal.servers.rabbitmq import ADMINISTRATOR
from rehearsal.servers.rabbitmq import RabbitMQ as Broker
from shared import aws

ACTIVE: Final = "us-west-2"
WAITING: Final = "us-east-1"
PREFIX: Final = "shop-prod"
BUCKET: Final = "waiting-logs"
HOSTS: Final = ("/", "orders", "a/b %c")
ALL: Final = {"configure": ".*", "write": ".*", "read": ".*"}


@dataclass
class World:
    """The broker, and what both functions ask beside it."""

    broker: Broker
    monkeypatch: pytest.MonkeyPatch

    def be(self, region: str, *, password: str | None = None) -> None:
        """Have the next function run in `region`, whose secret has the broker's password, or `password`."""
        self.monkeypatch.setenv("AWS_REGION", region)
        self.monkeypatch.setenv("ADMINISTRATOR_ARN", self._secret(region, password or self.broker.password))
        settings.cache_clear()
        aws.forget_clients()

    @staticmethod
    def _secret(region: str, password: str) -> str:
        client = boto3.client("secretsmanager", region_name=region)
        found = client.list_secrets()["SecretList"]
        if found:
            return found[0]["ARN"]
        value = {"username": ADMINISTRATOR, "password": password}
        return client.create_secret(Name="queue-administrator", SecretString=json.dumps(value))["ARN"]

    def held_by(self, region: str) -> None:
        """Have the waiting site's table name `region` as the holder of the lease."""
        numbers = {name: {"N": "1"} for name in ("epoch", "until", "serial")}
        boto3.client("dynamodb", region_name=WAITING).put_item(
            TableName=f"{PREFIX}-recovery", Item={"item": {"S": "lease"}, "holder": {"S": region}, **numbers}
        )

    def written(self) -> str:
        """The object's text."""
        body = boto3.client("s3", region_name=WAITING).get_object(Bucket=BUCKET, Key=OBJECT)["Body"]
        text: str = body.read().decode()
        return text

    def manage(self, method: str, *path: str, body: object = None) -> Any:
        """Ask the broker's management API."""
        return self.broker.manage(method, "/".join(quote(part, safe="") for part in path), body)

    def fill(self) -> None:
        """Things of every kind on three virtual hosts, and a user with some rights."""
        self.manage("PUT", "users", "application", body={"password": "its-own-password-here", "tags": ""})
        for host in HOSTS:
            self.manage("PUT", "vhosts", host, body={})
            self.manage("PUT", "permissions", host, ADMINISTRATOR, body=ALL)
            self.manage("PUT", "permissions", host, "application", body={**ALL, "configure": "^$"})
            quorum = {"durable": True, "arguments": {"x-queue-type": "quorum", "x-delivery-limit": 5}}
            self.manage("PUT", "queues", host, "new orders", body=quorum)
            self.manage("PUT", "queues", host, "passing", body={"durable": False, "auto_delete": True})
            self.manage("PUT", "exchanges", host, "events", body={"type": "topic", "durable": True})
            binding = {"routing_key": "order.#", "arguments": {}}
            self.manage("POST", "bindings", host, "e", "events", "q", "new orders", body=binding)
            policy = {"pattern": "^new", "definition": {"max-length": 100_000}, "apply-to": "queues", "priority": 3}
            self.manage("PUT", "policies", host, "limit", body=policy)
            amazons = {"pattern": "^x", "definition": {"max-length": 1}, "apply-to": "queues"}
            self.manage("PUT", "policies", host, "default-AWS-OWNED-DO-NOT-DELETE", body=amazons)

    def empty(self) -> None:
        """As a broker is that has just been made; users stay."""
        for host in self.manage("GET", "vhosts"):
            self.manage("DELETE", "vhosts", host["name"])
        self.manage("PUT", "vhosts", "/", body={})
        self.manage("PUT", "permissions", "/", ADMINISTRATOR, body=ALL)

    def consists_of(self) -> dict[str, dict[str, list[str]]]:
        """What an application would find, by virtual host and kind, asked for without the functions' code."""
        found = {}
        for host in self.manage("GET", "vhosts"):
            name = host["name"]
            found[name] = {
                "queues": [
                    f"{each['name']} {each['arguments']}"
                    for each in self.manage("GET", "queues", name)
                    if not each["auto_delete"]
                ],
                "exchanges": [
                    f"{each['name']} {each['type']}"
                    for each in self.manage("GET", "exchanges", name)
                    if each["name"] and not each["name"].startswith("amq.")
                ],
                "bindings": [
                    f"{each['source']} {each['routing_key']} {each['destination']}"
                    for each in self.manage("GET", "bindings", name)
                    if each["source"]
                ],
                "policies": [
                    f"{each['name']} {each['definition']} {each['priority']}"
                    for each in self.manage("GET", "policies", name)
                    if "AWS-OWNED" not in each["name"]
                ],
                "rights": [
                    f"{each['user']} {each['configure']}" for each in self.manage("GET", "vhosts", name, "permissions")
                ],
            }
            found[name] = {kind: sorted(each) for kind, each in found[name].items()}
        return found


@contextmanager
def world(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two empty regions in moto; the active one holds the lease."""
    variables = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": ACTIVE,
        "PREFIX": PREFIX,
        "LEASE_REGION": WAITING,
        "HOST": broker.host,
        "MANAGEMENT_PORT": str(broker.management_port),
        "BUCKET": BUCKET,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("s3", region_name=WAITING).create_bucket(Bucket=BUCKET)
        boto3.client("dynamodb", region_name=WAITING).create_table(
            TableName=f"{PREFIX}-recovery",
            KeySchema=[{"AttributeName": "item", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "item", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        made = World(broker, monkeypatch)
        made.held_by(ACTIVE)
        yield made
    aws.forget_clients()
    settings.cache_clear()
