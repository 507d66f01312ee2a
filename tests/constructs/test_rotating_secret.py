"""A secret that rotates, alone in a stack; and secrets of the application that do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from constructs import IConstruct
from handler_settings import handler_settings
from template import ROOT, Template, only, properties, resources, synthesize

from spec import Deployment, load
from spec.rotation import Rotation
from understudy.python_handler import PythonHandler
from understudy.rotating_secret import RotatingSecret
from understudy.secrets import ApplicationSecrets

KEY_ARN = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555"
PLATFORM = load(ROOT / "apps" / "generator-platform.yaml").for_environment("prod")
RULES = (
    "AwsSolutions-SMG4",
    "HIPAA.Security-SecretsManagerRotationEnabled",
    "NIST.800.53.R5-SecretsManagerRotationEnabled",
)


def test_S3_a_secret_starts_with_a_random_value() -> None:
    """Under the field that is asked for, beside those that are given; letters and digits alone."""
    generated = only(_template(), "AWS::SecretsManager::Secret")["GenerateSecretString"]
    assert {"username": "application"} == json.loads(generated["SecretStringTemplate"])
    assert ("password", 32, True) == (
        generated["GenerateStringKey"],
        generated["PasswordLength"],
        generated["ExcludePunctuation"],
    )


def test_S3_without_a_function_nothing_is_rotated() -> None:
    """A server needs its first password before the function can know the server."""
    template = _template(rotated=False)
    assert [] == resources(template, "AWS::SecretsManager::RotationSchedule")
    assert [] == resources(template, "Custom::Login")


def test_S3_the_login_waits_for_what_it_needs() -> None:
    """And the schedule for the login and the permission."""
    template = _template()
    (login,) = resources(template, "Custom::Login")
    assert ["Server"] == login["DependsOn"]
    assert (700, "{}") == (login["Properties"]["ServiceTimeout"], login["Properties"]["Attributes"])
    (schedule,) = resources(template, "AWS::SecretsManager::RotationSchedule")
    kinds = {template["Resources"][name]["Type"] for name in schedule["DependsOn"]}
    assert {"Custom::Login", "AWS::Lambda::Permission"} == kinds
    rules = {"ScheduleExpression": "rate(7 days)", "Duration": "4h"}
    assert rules == schedule["Properties"]["RotationRules"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("MODEL_API_KEY", "a person puts it here. An alarm asks for it after 90 days."),
        ("SESSION_SIGNING_KEY", "The environment's YAML says why it stays: Files are encrypted with it"),
    ],
)
def test_S3_what_is_not_rotated_says_why(name: str, reason: str) -> None:
    """To each judge that asks for rotation."""
    signing = PLATFORM.secrets["SESSION_SIGNING_KEY"].model_copy(
        update={"unrotated_because": "Files are encrypted with it"}
    )
    secrets = {**PLATFORM.secrets, "SESSION_SIGNING_KEY": signing}
    found = _acknowledged(PLATFORM.model_copy(update={"secrets": secrets}), name)
    assert set(RULES) == set(found)
    assert all(each.endswith(reason) for each in found.values())


def test_S3_what_is_rotated_has_no_excuse() -> None:
    """A judge that finds it without a schedule is not answered."""
    assert {} == _acknowledged(PLATFORM, "SESSION_SIGNING_KEY")


def test_S3_a_supplied_secret_is_a_plain_string() -> None:
    """A person puts a value, not JSON; a generated one has room for what a rotation adds."""

    def build(stack: Stack) -> None:
        _application_secrets(stack, PLATFORM)

    found = {
        one["Description"].partition(":")[0]: one["GenerateSecretString"].get("GenerateStringKey")
        for one in properties(synthesize(build), "AWS::SecretsManager::Secret")
    }
    assert {"SESSION_SIGNING_KEY": "value", "MODEL_API_KEY": None} == found


def _template(*, rotated: bool = True, **options: Any) -> Template:
    def build(stack: Stack) -> None:
        key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
        secret = _secret(stack, key, **options)
        if rotated:
            server = CfnResource(stack, "Server", type="AWS::CloudFormation::WaitConditionHandle")
            function = _function(stack, key)
            secret.rotate(function, Rotation(days=7), attributes="{}", answer_seconds=700, after=[server])

    return synthesize(build)


def _secret(stack: Stack, key: kms.IKey, **options: Any) -> RotatingSecret:
    return RotatingSecret(
        stack,
        "Secret",
        prefix="shop-prod",
        name="database",
        kind="application",
        description="shop-prod: login of the database",
        fields={"username": "application"},
        random_field="password",
        length=32,
        consumers=("web",),
        encryption_key=key,
        removal_policy=RemovalPolicy.DESTROY,
        **options,
    )


def _function(stack: Stack, key: kms.IKey) -> PythonHandler:
    return PythonHandler(
        stack,
        "Function",
        settings=handler_settings(stack, key),
        name="rotate-database",
        description="shop-prod: rotates database",
        package="secret_rotation",
        entry="secret_rotation.handler.handler",
        environment={},
        statements=[],
        timeout_seconds=60,
    )


def _application_secrets(stack: Stack, deployment: Deployment) -> ApplicationSecrets:
    return ApplicationSecrets(
        stack,
        "ApplicationSecrets",
        deployment=deployment,
        encryption_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN),
        removal_policy=RemovalPolicy.DESTROY,
    )


def _acknowledged(deployment: Deployment, name: str) -> dict[str, str]:
    """Reasons by finding, of the secret and what it stands in."""
    found: dict[str, str] = {}

    def build(stack: Stack) -> None:
        here: IConstruct | None = _application_secrets(stack, deployment).secrets[name]
        while here is not None:
            for entry in here.node.metadata:
                if entry.type == "aws:cdk:acknowledged-rules":
                    found.update({rule.partition("::")[2]: reason for rule, reason in entry.data.items()})
            here = here.node.scope

    synthesize(build)
    return found
