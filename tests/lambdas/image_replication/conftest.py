"""What tests of the registry's rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.ecr.exceptions import ValidationException
from moto.ecr.models import ECRBackend
from traffic.place import ear

from image_replication.models import settings
from image_replication.registry import MOST_RULES
from shared import aws

__all__ = ["ear"]


def _put(self: ECRBackend, replication_config: dict[str, Any]) -> dict[str, Any]:
    """As ECR has it since 2021: moto takes a single rule, of a single destination."""
    if len(replication_config["rules"]) > MOST_RULES:
        raise ValidationException("The maximum number of rules per replication configuration is 10")
    self.replication_config = replication_config
    return {"replicationConfiguration": replication_config}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty one, and the function of `shop-prod`."""
    monkeypatch.setattr(ECRBackend, "put_replication_configuration", _put)
    variables = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "PREFIX": "shop-prod",
        "PEER_REGION": "us-east-1",
        "ACCOUNT": "123456789012",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with mock_aws():
        aws.forget_clients()
        yield
    aws.forget_clients()
    settings.cache_clear()
