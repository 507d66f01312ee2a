"""What hangs on a call: services that ask others in the caller's name, and keys of conditions."""

from __future__ import annotations

from typing import Any

import pytest
from permissions.call import Call, Request
from permissions.needs import requests
from permissions.resources import UnknownNeed
from permissions.simulator import action_references
from permissions.surroundings import Surroundings

ACCOUNT, REGION = "123456789012", "us-west-2"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:database-a1b2c3"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0"
AROUND = Surroundings(
    ACCOUNT,
    keys={SECRET: KEY},
    deployment_steps={"shop/shop-web": "steps"},
)


def _asked(service: str, operation: str, **parameters: Any) -> list[Request]:
    call = Call(service, operation, REGION, parameters)
    return requests(call, AROUND, action_references([call.action])[call.action])


def _told(found: list[Request]) -> list[tuple[str, str]]:
    return [(request.action, request.resource) for request in found]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("DescribeSecret", []),
        ("ListSecretVersionIds", []),
        ("UpdateSecretVersionStage", []),
        ("GetSecretValue", [("kms:Decrypt", KEY)]),
        ("PutSecretValue", [("kms:Decrypt", KEY), ("kms:GenerateDataKey", KEY)]),
    ],
)
def test_key_is_used_by_what_reads_or_writes_a_value(operation: str, expected: list[tuple[str, str]]) -> None:
    """By way of Secrets Manager."""
    own, *keys = _asked("secretsmanager", operation, SecretId=SECRET)
    assert (f"secretsmanager:{operation}", SECRET) == (own.action, own.resource)
    assert expected == _told(keys)
    assert all(f"secretsmanager.{REGION}.amazonaws.com" == request.context["kms:ViaService"] for request in keys)


def test_registry_that_replicates_has_a_role_made() -> None:
    """In the caller's name, where the account has none yet."""
    _, role = _asked("ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": []})
    assert "iam:CreateServiceLinkedRole" == role.action
    assert role.resource.endswith("/replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication")
    assert {"iam:AWSServiceName": "replication.ecr.amazonaws.com"} == role.context


def test_deployment_registers_its_revision_and_reads_its_steps() -> None:
    """CodeDeploy does both in the caller's name."""
    arn = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}"
    found = _asked("codedeploy", "CreateDeployment", applicationName="shop", deploymentGroupName="shop-web")
    assert [
        ("codedeploy:CreateDeployment", f"{arn}:deploymentgroup:shop/shop-web"),
        ("codedeploy:RegisterApplicationRevision", f"{arn}:application:shop"),
        ("codedeploy:GetDeploymentConfig", f"{arn}:deploymentconfig:steps"),
    ] == _told(found)
    with pytest.raises(UnknownNeed, match="no template has the deployment group shop-api"):
        _asked("codedeploy", "CreateDeployment", applicationName="shop", deploymentGroupName="shop-api")


def test_metrics_are_asked_for_with_their_namespace() -> None:
    """The one thing that holds PutMetricData to something."""
    (request,) = _asked("monitoring", "PutMetricData", Namespace="Understudy/Secrets", MetricData=[])
    assert "cloudwatch:PutMetricData" == request.action
    assert "Understudy/Secrets" == request.context["cloudwatch:namespace"]


@pytest.mark.parametrize("operation", ["DescribeUsers", "ModifyUser"])
def test_user_of_a_cache_is_told_by_its_id(operation: str) -> None:
    """ElastiCache's ID, and not the name by which clients log in."""
    expected = ("elasticache:" + operation, f"arn:aws:elasticache:{REGION}:{ACCOUNT}:user:shop-app")
    assert [expected] == _told(_asked("elasticache", operation, UserId="shop-app"))
