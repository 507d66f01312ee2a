"""Secrets have really generated values, which reach those that refer to them and nobody else."""

import json
from typing import Any

from tests.rehearsal.test_database import DATABASE, OTHERS
from tests.rehearsal.test_functions import ROLE
from tests.rehearsal.under_test import Case, Emulator, Stack

GENERATED = {"SecretStringTemplate": '{"username": "owner"}', "GenerateStringKey": "password"}
RULES = {"PasswordLength": 40, "ExcludePunctuation": True, "ExcludeCharacters": "abcdefg"}
SECRET: dict[str, Any] = {
    "Type": "AWS::SecretsManager::Secret",
    "Properties": {"Description": "d", "GenerateSecretString": {**GENERATED, **RULES}},
}


def value(emulator: Emulator, name: str) -> dict[str, Any]:
    """Return a secret's JSON."""
    content: dict[str, Any] = json.loads(
        emulator.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    )
    return content


def test_generated_value(emulator: Emulator, stack: Stack) -> None:
    """A value has the template's members and a password by its rules."""
    stack.deploy({"Secret": SECRET})
    content = value(emulator, stack.id("Secret"))
    assert ("owner", 40) == (content["username"], len(content["password"]))
    assert content["password"].isalnum()
    assert not set(content["password"]) & set("abcdefg")


def test_a_value_without_a_template_is_the_password_alone(emulator: Emulator, stack: Stack) -> None:
    """Without a template the secret is a string, as for a token."""
    token = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": RULES}}
    stack.deploy({"Secret": token})
    found = emulator.client("secretsmanager").get_secret_value(SecretId=stack.id("Secret"))
    assert len(found["SecretString"]) == 40


def test_two_secrets_differ(emulator: Emulator, stack: Stack) -> None:
    """Nothing about a generated value can be known beforehand."""
    stack.deploy({"One": SECRET, "Two": SECRET})
    one, two = (value(emulator, stack.id(name))["password"] for name in ("One", "Two"))
    assert one != two


def test_an_update_keeps_the_value(emulator: Emulator, stack: Stack) -> None:
    """A deployment never changes a password that is in use."""
    stack.deploy({"Secret": SECRET})
    before = value(emulator, stack.id("Secret"))
    stack.deploy({"Secret": {**SECRET, "Properties": {**SECRET["Properties"], "Description": "e"}}})
    described = emulator.client("secretsmanager").describe_secret(SecretId=stack.id("Secret"))
    assert (before, "e") == (value(emulator, stack.id("Secret")), described["Description"])


def test_dynamic_references_are_resolved(emulator: Emulator, stack: Stack) -> None:
    """A `{{resolve:...}}` reaches its API as the value, and stays out of what the emulator tells."""
    user = {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:username::}}"}
    password = {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password::}}"}
    database = {**DATABASE, "MasterUsername": user, "MasterUserPassword": password}
    stack.deploy({**OTHERS, "Secret": SECRET, "Database": {"Type": "AWS::RDS::DBInstance", "Properties": database}})
    rds = emulator.client("rds")
    found = rds.describe_db_instances(DBInstanceIdentifier=stack.id("Database"))["DBInstances"][0]
    assert found["MasterUsername"] == "owner"
    assert value(emulator, stack.id("Secret"))["password"] not in json.dumps(emulator.status())


def test_attachment_adds_the_connection(emulator: Emulator, stack: Stack) -> None:
    """Attaching a secret to a database writes engine, host, port and database name beside the password."""
    attached = {
        "SecretId": {"Ref": "Secret"},
        "TargetId": {"Ref": "Database"},
        "TargetType": "AWS::RDS::DBInstance",
    }
    resources = {
        **OTHERS,
        "Secret": SECRET,
        "Database": {"Type": "AWS::RDS::DBInstance", "Properties": DATABASE},
        "Attached": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": attached},
    }
    outputs = {
        "Address": {"Value": {"Fn::GetAtt": ["Database", "Endpoint.Address"]}},
        "Secret": {"Value": {"Ref": "Attached"}},
    }
    found = stack.deploy(resources, Outputs=outputs)
    content = value(emulator, found["Secret"])
    connection = {name: content[name] for name in ("engine", "host", "port", "dbname", "dbInstanceIdentifier")}
    assert {
        "engine": "postgres",
        "host": found["Address"],
        "port": 5432,
        "dbname": "app",
        "dbInstanceIdentifier": stack.id("Database"),
    } == connection
    assert len(content["password"]) == 40


def policy(emulator: Emulator, name: str) -> str:
    """Return the first statement's name of a secret's policy."""
    found = emulator.client("secretsmanager").get_resource_policy(SecretId=name)
    sid: str = json.loads(found["ResourcePolicy"])["Statement"][0]["Sid"]
    return sid


def statement(sid: str) -> dict[str, Any]:
    """Return a policy of one statement."""
    denied = {"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    return {
        "Version": "2012-10-17",
        "Statement": [{**denied, "Action": "secretsmanager:DeleteSecret", "Resource": "*"}],
    }


def test_resource_policy(emulator: Emulator, stack: Stack) -> None:
    """A secret's policy is created, changed and removed."""
    case = Case(
        type="AWS::SecretsManager::ResourcePolicy",
        others={"Secret": SECRET},
        properties={"SecretId": {"Ref": "Secret"}, "ResourcePolicy": statement("First")},
        expected="First",
        changes={"ResourcePolicy": statement("Second")},
        changed="Second",
        look=policy,
    )
    case.play(emulator, stack.name)


def rotated(*depends_on: str, **changes: Any) -> dict[str, Any]:
    """Return a secret, the function that rotates it, and the schedule, with changed properties."""
    code = {"ZipFile": "def handler(event, context):\n    raise RuntimeError('was run')"}
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    function = {"Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Code": code}
    arn = {"Fn::GetAtt": ["Function", "Arn"]}
    schedule = {
        "SecretId": {"Ref": "Secret"},
        "RotationLambdaARN": arn,
        "RotationRules": {"ScheduleExpression": "rate(30 days)", "Duration": "4h"},
        "RotateImmediatelyOnUpdate": False,
        **changes,
    }
    return {
        "Role": ROLE,
        "Secret": SECRET,
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Schedule": {
            "Type": "AWS::SecretsManager::RotationSchedule",
            "Properties": schedule,
            "DependsOn": list(depends_on),
        },
    }


ADMITTED = {
    "Type": "AWS::Lambda::Permission",
    "Properties": {
        "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
        "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
        "SourceArn": {"Ref": "Secret"},
    },
}


def test_a_schedule_is_told_to_the_secret(emulator: Emulator, stack: Stack) -> None:
    """The secret says how often and by which function; nothing is rotated, and no version is left on its way."""
    stack.deploy({**rotated("Permission"), "Permission": ADMITTED})
    secret = emulator.client("secretsmanager").describe_secret(SecretId=stack.id("Secret"))
    assert (True, 30) == (secret["RotationEnabled"], secret["RotationRules"]["AutomaticallyAfterDays"])
    assert secret["RotationLambdaARN"].endswith(stack.id("Function"))
    assert [["AWSCURRENT"]] == list(secret["VersionIdsToStages"].values())
    schedule = stack.resources()["Schedule"]
    assert (True, ["RotationRules.Duration"]) == (schedule["emulated"], schedule["not_carried"])


def test_a_schedule_follows_changes_and_goes(emulator: Emulator, stack: Stack) -> None:
    """A changed rate reaches the secret, which stays when its schedule goes."""
    stack.deploy({**rotated("Permission"), "Permission": ADMITTED})
    weekly = rotated("Permission", RotationRules={"ScheduleExpression": "rate(7 days)"})
    stack.deploy({**weekly, "Permission": ADMITTED})
    client = emulator.client("secretsmanager")
    name = stack.id("Secret")
    assert client.describe_secret(SecretId=name)["RotationRules"]["AutomaticallyAfterDays"] == 7
    kept = {name: resource for name, resource in weekly.items() if name != "Schedule"}
    stack.deploy({**kept, "Permission": ADMITTED})
    assert not client.describe_secret(SecretId=name).get("RotationEnabled")


def test_a_schedule_needs_a_function_that_admits_secrets_manager(stack: Stack) -> None:
    """As on AWS, a schedule that is made before the permission fails."""
    stack.deploy(rotated(), expect="ROLLBACK_COMPLETE")
    assert "Secrets Manager cannot invoke the specified Lambda function" in stack.failures()[0]


def test_a_login_is_accepted_and_said_to_be(stack: Stack) -> None:
    """Its function, which would fail here, is not run; it is known by its secret, as on AWS."""
    properties = {
        "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
        "SecretId": {"Ref": "Secret"},
        "Attributes": "{}",
    }
    login = {"Type": "Custom::Login", "Properties": properties}
    stack.deploy({**rotated("Permission"), "Permission": ADMITTED, "Login": login})
    resource = stack.resources()["Login"]
    assert (False, stack.id("Secret")) == (resource["emulated"], resource["physical_id"])
    assert "Custom::Login" == resource["type"]
