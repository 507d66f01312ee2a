"""The keys of an environment, and the topic of its alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from template import Template, actions, only, properties, resources, statements

Synthesized = Callable[[str, str], dict[str, Template]]

ENVIRONMENTS = [("generator-platform", env) for env in ("dev", "staging", "prod", "preview")]


@pytest.fixture(params=ENVIRONMENTS, ids=lambda pair: pair[1])
def security(synthesized: Synthesized, request: pytest.FixtureRequest) -> Template:
    """The security stack of each environment."""
    app, env = request.param
    return synthesized(app, env)["security"]


def test_S4_every_key_renews_itself_after_the_specs_days(security: Template) -> None:
    """Three keys, each with a rotation period of 90 days."""
    found = [(key["EnableKeyRotation"], key["RotationPeriodInDays"]) for key in properties(security, "AWS::KMS::Key")]
    assert [(True, 90)] * 3 == found


def test_S4_each_key_has_an_alias_that_names_its_use(synthesized: Synthesized) -> None:
    """People find a key by `alias/<app>-<env>/<use>`."""
    security = synthesized("generator-platform", "prod")["security"]
    expected = {f"alias/generator-platform-prod/{use}" for use in ("data", "secrets", "logs")}
    assert expected == {alias["AliasName"] for alias in properties(security, "AWS::KMS::Alias")}


def test_S4_only_the_key_of_logs_admits_services(security: Template) -> None:
    """CloudWatch Logs and alarms may use one key; data and secrets are reached by roles alone."""
    admitted = [_services(key) for key in properties(security, "AWS::KMS::Key")]
    assert [["cloudwatch.amazonaws.com", "logs.us-west-2.amazonaws.com"], [], []] == sorted(admitted, reverse=True)


def test_S7_a_service_uses_a_key_only_for_this_account(security: Template) -> None:
    """Each statement for a service has a condition that names the account."""
    for _, statement in statements(security):
        if "Service" in statement["Principal"]:
            assert "123456789012" in str(statement["Condition"])


def test_M2_alarms_reach_people_over_an_encrypted_topic(security: Template) -> None:
    """By e-mail, each address of the spec; published by alarms of this account, and over TLS alone."""
    assert {"Fn::GetAtt"} == set(only(security, "AWS::SNS::Topic")["KmsMasterKeyId"])
    assert "KeysLogs" in str(only(security, "AWS::SNS::Topic")["KmsMasterKeyId"])
    assert ["alerts@example.com"] == [one["Endpoint"] for one in properties(security, "AWS::SNS::Subscription")]
    allow, deny = only(security, "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert ("Allow", {"Service": "cloudwatch.amazonaws.com"}) == (allow["Effect"], allow["Principal"])
    assert ("Deny", {"Bool": {"aws:SecureTransport": "false"}}) == (deny["Effect"], deny["Condition"])


def test_S7_no_key_policy_has_a_wildcard_action(security: Template) -> None:
    """Not even `kms:*` for the account's root: each action stands by its name."""
    named = [action for _, statement in statements(security) for action in actions(statement)]
    assert [] == [action for action in named if "*" in action]


def test_S7_a_key_can_always_be_administered(security: Template) -> None:
    """A key whose policy nobody may change is lost: the account's IAM decides who may."""
    for key in properties(security, "AWS::KMS::Key"):
        administration = [
            statement
            for statement in key["KeyPolicy"]["Statement"]
            if "kms:PutKeyPolicy" in actions(statement) and "root" in str(statement["Principal"])
        ]
        assert 1 == len(administration)


def test_S7_grants_on_a_key_are_for_services_alone(security: Template) -> None:
    """A person's grant could hand the key to another account, and no policy would show it."""
    grants = [statement for _, statement in statements(security) if "kms:CreateGrant" in actions(statement)]
    assert [{"Bool": {"kms:GrantIsForAWSResource": "true"}}] * 3 == [statement["Condition"] for statement in grants]


@pytest.mark.parametrize(
    ("env", "policy", "days"),
    [
        ("prod", "RetainExceptOnCreate", 30),
        ("staging", "RetainExceptOnCreate", 30),
        ("dev", "RetainExceptOnCreate", 30),
        ("preview", "Delete", 7),
    ],
)
def test_S4_keys_stay_where_data_stays(synthesized: Synthesized, env: str, policy: str, days: int) -> None:
    """What is encrypted with a key is lost with it; a preview's keys go with it, after KMS's shortest wait."""
    keys = resources(synthesized("generator-platform", env)["security"], "AWS::KMS::Key")
    assert [(policy, days)] * 3 == [(key["DeletionPolicy"], key["Properties"]["PendingWindowInDays"]) for key in keys]


def _services(key: dict[str, Any]) -> list[str]:
    principals = [statement["Principal"] for statement in key["KeyPolicy"]["Statement"]]
    return sorted(principal["Service"] for principal in principals if "Service" in principal)
