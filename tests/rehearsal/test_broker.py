"""Brokers and their configurations are there with the template's values."""

import base64
from typing import Any

import pytest

from tests.rehearsal.under_test import Case, Emulator, Stack, picked

BROKER: dict[str, Any] = {
    "BrokerName": "rehearsed",
    "DeploymentMode": "CLUSTER_MULTI_AZ",
    "EngineType": "RABBITMQ",
    "EngineVersion": "3.13",
    "HostInstanceType": "mq.m5.large",
    "PubliclyAccessible": False,
    "AutoMinorVersionUpgrade": True,
    "Logs": {"General": True},
    "SubnetIds": ["subnet-1", "subnet-2"],
    "SecurityGroups": ["sg-1"],
    "EncryptionOptions": {"UseAwsOwnedKey": False, "KmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/k"},
    "MaintenanceWindowStartTime": {"DayOfWeek": "MONDAY", "TimeOfDay": "02:00", "TimeZone": "UTC"},
    "Users": [{"Username": "app", "Password": "only-for-this-test"}],
    "Configuration": {"Id": {"Ref": "Configuration"}, "Revision": {"Fn::GetAtt": ["Configuration", "Revision"]}},
}


def text(content: str) -> str:
    """Return a configuration as the template carries it."""
    return base64.b64encode(content.encode()).decode()


CONFIGURATION = {"Name": "c", "EngineType": "RABBITMQ", "EngineVersion": "3.13", "Data": text("consumer_timeout = 1")}
AS_GIVEN = (
    "BrokerName",
    "DeploymentMode",
    "EngineType",
    "EngineVersion",
    "HostInstanceType",
    "PubliclyAccessible",
    "AutoMinorVersionUpgrade",
    "SubnetIds",
    "SecurityGroups",
    "EncryptionOptions",
    "MaintenanceWindowStartTime",
)


def broker(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a broker."""
    found = emulator.client("mq").describe_broker(BrokerId=name)
    users = [user["Username"] for user in found["Users"]]
    return {**picked(found, *AS_GIVEN), "users": users, "general log": found["Logs"]["General"]}


def configuration(emulator: Emulator, name: str) -> str:
    """Return a configuration's newest text."""
    mq = emulator.client("mq")
    newest = mq.describe_configuration(ConfigurationId=name)["LatestRevision"]["Revision"]
    found = mq.describe_configuration_revision(ConfigurationId=name, ConfigurationRevision=str(newest))
    return base64.b64decode(found["Data"]).decode()


EXPECTED = {**picked(BROKER, *AS_GIVEN), "users": ["app"], "general log": True}
CASES = [
    Case(
        type="AWS::AmazonMQ::Broker",
        others={"Configuration": {"Type": "AWS::AmazonMQ::Configuration", "Properties": CONFIGURATION}},
        properties=BROKER,
        expected=EXPECTED,
        changes={"HostInstanceType": "mq.m7g.large", "SecurityGroups": ["sg-2"]},
        changed={**EXPECTED, "HostInstanceType": "mq.m7g.large", "SecurityGroups": ["sg-2"]},
        look=broker,
    ),
    Case(
        type="AWS::AmazonMQ::Configuration",
        properties=CONFIGURATION,
        expected="consumer_timeout = 1",
        changes={"Data": text("consumer_timeout = 2")},
        changed="consumer_timeout = 2",
        look=configuration,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_type(case: Case, emulator: Emulator, stack: Stack) -> None:
    """A resource is created with its values, changed with them, and removed."""
    case.play(emulator, stack.name)


def test_address(stack: Stack) -> None:
    """A broker's endpoint is an address of its own, in its region."""
    configuration = {"Type": "AWS::AmazonMQ::Configuration", "Properties": CONFIGURATION}
    broker_of_stack = {"Type": "AWS::AmazonMQ::Broker", "Properties": {**BROKER, "BrokerName": stack.name}}
    endpoint = {"Fn::Select": [0, {"Fn::GetAtt": ["Broker", "AmqpEndpoints"]}]}
    resources = {"Configuration": configuration, "Broker": broker_of_stack}
    outputs = stack.deploy(resources, Outputs={"Endpoint": {"Value": endpoint}})
    assert outputs["Endpoint"] == f"amqps://{stack.id('Broker')}.mq.us-west-2.amazonaws.com:5671"
