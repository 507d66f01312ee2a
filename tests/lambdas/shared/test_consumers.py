"""Which tasks may hold an old version of a secret."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from moto.ecs.models import ecs_backends
from moto.moto_api import state_manager

from shared import aws
from shared.consumers import laggards, tasks

ACCOUNT: Final = "123456789012"
REGION: Final = "us-west-2"
PREFIX: Final = "shop-prod"
SINCE: Final = 1_800_000_000.0


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster, in which a task stays as it is until a test changes it; where tasks of it are placed."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, REGION)
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**6})
    with mock_aws():
        aws.forget_clients()
        ec2 = boto3.client("ec2", REGION)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        ecs = boto3.client("ecs", REGION)
        ecs.create_cluster(clusterName=PREFIX)
        for service in ("web", "api"):
            ecs.register_task_definition(
                family=f"{PREFIX}-{service}",
                networkMode="awsvpc",
                requiresCompatibilities=["FARGATE"],
                cpu="256",
                memory="512",
                containerDefinitions=[{"name": service, "image": "image", "memory": 64}],
            )
        yield {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    aws.forget_clients()
    state_manager.unset_transition("ecs::task")


def run(network: Any, service: str, created: float | None, *, group: str | None = None) -> Any:
    """A task of the service, in moto's own form."""
    backend = ecs_backends[ACCOUNT][REGION]
    (task,) = backend.run_task(
        PREFIX, f"{PREFIX}-{service}", 1, None, "", [], "FARGATE", network, group=group or f"service:{service}"
    )
    if created is not None:
        task.created_at = datetime.fromtimestamp(created, UTC)  # type: ignore[attr-defined]
    return task


def found(since: float = SINCE) -> list[tuple[str, str]]:
    """Service and role of each laggard."""
    return [(task.service, task.role) for task in laggards(PREFIX, PREFIX, ["web", "api"], since)]


def test_a_task_lags_that_was_created_before_or_just_when_the_version_became_current(network: Any) -> None:
    """In doubt it has the old one. What ECS has not begun to create reads the new one."""
    for created in (SINCE - 1, SINCE, SINCE + 0.001, None):
        run(network, "web", created)
    assert [("web", "service")] * 2 == found()
    assert [SINCE - 1, SINCE] == sorted(task.created for task in laggards(PREFIX, PREFIX, ["web"], SINCE))


def test_only_the_services_asked_for_count(network: Any) -> None:
    """By the family of their tasks."""
    run(network, "web", SINCE)
    run(network, "api", SINCE)
    assert ["api"] == [task.service for task in laggards(PREFIX, PREFIX, ["api"], SINCE)]
    assert [] == laggards(PREFIX, PREFIX, [], SINCE)


def test_a_task_that_leaves_lags_until_it_is_gone(network: Any) -> None:
    """ECS calls it STOPPED from the decision on, while it still answers the requests that it has."""
    task = run(network, "web", SINCE)
    task.desired_status = "STOPPED"
    for status in ("RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING"):
        task.last_status = status
        assert [("web", "leaving")] == found()
    task.last_status = "STOPPED"
    assert [] == found()


def test_a_migration_lags_too(network: Any) -> None:
    """It logs in with what its service does, and no deployment moves it."""
    run(network, "web", SINCE, group=f"family:{PREFIX}-web")
    assert [("web", "one-off")] == found()


def test_more_tasks_than_one_call_describes(network: Any) -> None:
    """None is forgotten."""
    for _ in range(101):
        run(network, "web", SINCE)
    assert 101 == len(tasks(PREFIX, PREFIX, ["web"]))
