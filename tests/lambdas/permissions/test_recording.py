"""Every call of a scenario is recorded and answered in AWS's shape; what nobody prepared fails the scenario."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session, get_session
from permissions.recorded_aws import RecordedAws, Refused
from permissions.source import operations

REGION = "us-west-2"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """One whose clients could sign, and reach nothing that would answer."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    return get_session()


def _client(session: Session) -> Any:
    return session.create_client("ecs", region_name=REGION)


def _asked(session: Session, answers: dict[str, Any], clusters: list[str]) -> tuple[RecordedAws, Any]:
    with RecordedAws(answers=answers).watching(session) as aws:
        return aws, _client(session).describe_clusters(clusters=clusters)


def test_call_is_recorded_with_its_parameters(session: Session) -> None:
    """Action, region and parameters, as the client was asked."""
    aws, answer = _asked(session, {"ecs.DescribeClusters": {"clusters": [{"clusterName": "shop"}]}}, ["shop"])
    assert "shop" == answer["clusters"][0]["clusterName"]
    (call,) = aws.calls
    assert ("ecs:DescribeClusters", REGION, {"clusters": ["shop"]}) == (call.action, call.region, call.parameters)


def test_answer_may_depend_on_the_parameters(session: Session) -> None:
    """A function of what was asked."""
    answers = {"ecs.DescribeClusters": lambda asked: {"clusters": [{"clusterName": asked["clusters"][0]}]}}
    assert "api" == _asked(session, answers, ["api"])[1]["clusters"][0]["clusterName"]


def test_refusal_is_an_error_of_aws(session: Session) -> None:
    """With AWS's code, by which handlers tell errors apart."""
    with pytest.raises(ClientError) as refused:
        _asked(session, {"ecs.DescribeClusters": Refused("ServerException")}, ["shop"])
    assert "ServerException" == refused.value.response["Error"]["Code"]


def test_call_that_nobody_prepared_fails_although_the_handler_goes_on(session: Session) -> None:
    """Handlers fail closed: they would turn the missing answer into a verdict."""
    with (
        pytest.raises(AssertionError, match=r"no answer for ecs\.ListClusters"),
        RecordedAws().watching(session),
        suppress(ClientError),
    ):
        _client(session).list_clusters()


def test_answer_that_aws_could_not_give_fails(session: Session) -> None:
    """A member of another type, or one that the operation does not have."""
    with pytest.raises(AssertionError, match="of AWS's shape"):
        _asked(session, {"ecs.DescribeClusters": {"clusters": "shop"}}, ["shop"])
    with pytest.raises(AssertionError, match="of AWS's shape"):
        _asked(session, {"ecs.DescribeClusters": {"groups": []}}, ["shop"])


def test_operations_of_source_are_found(tmp_path: Path) -> None:
    """Methods of a client that the file makes, and what it pages through; nothing of clients that it does not make."""
    (tmp_path / "adapters.py").write_text(
        'from shared.aws import client\necs = client("ecs")\necs.describe_tasks()\n'
        'client("dynamodb").get_paginator("query")\nother.publish()\n',
        encoding="utf-8",
    )
    assert {("ecs", "DescribeTasks"), ("dynamodb", "Query")} == operations(tmp_path)
