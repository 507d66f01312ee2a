"""Clients, and how AWS's errors read."""

from __future__ import annotations

import subprocess
import sys

import pytest
from release_world import release_world

from shared import aws


def test_importing_the_shared_modules_loads_no_client() -> None:
    """A function pays for botocore when it first calls AWS, not for what it might call."""
    program = "import shared.aws, shared.ledger, shared.plan, shared.clock, sys; print('botocore' in sys.modules)"
    assert (
        "False"
        == subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    )


def test_a_client_is_made_once() -> None:
    """And used again by every call in the same execution environment."""
    with release_world("codedeploy"):
        assert aws.client("ecs") is aws.client("ecs")
        assert "us-west-2" == aws.client("ecs").meta.region_name


def test_what_aws_answers_is_quoted() -> None:
    """Operation, code and message; anything else is no answer of AWS."""
    with release_world("codedeploy"):
        with pytest.raises(Exception, match="d-NONE") as raised:
            aws.client("codedeploy").get_deployment(deploymentId="d-NONE00000")
        told = aws.error_sentence(raised.value)
        assert told is not None
        assert told.startswith("GetDeployment: DeploymentDoesNotExistException: ")
        assert aws.is_error(raised.value, "DeploymentDoesNotExistException")
        assert not aws.is_error(raised.value, "ThrottlingException")
    assert aws.error_sentence(ValueError("secret")) is None


def test_an_arns_region() -> None:
    """The fourth part."""
    assert "eu-west-1" == aws.region_of("arn:aws:ecs:eu-west-1:123456789012:service/shop/web")


def test_a_patient_client_waits_and_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what takes long, and is not to be done twice."""
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    client = aws.patient("lambda", 240)
    assert client is aws.patient("lambda", 240)
    assert (240, {"total_max_attempts": 1}) == (
        client.meta.config.read_timeout,
        {"total_max_attempts": client.meta.config.retries["total_max_attempts"]},
    )
    aws.forget_clients()
    assert client is not aws.patient("lambda", 240)
