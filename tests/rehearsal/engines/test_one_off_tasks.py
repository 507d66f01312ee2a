"""RunTask runs a task once, and DescribeTasks tells how it ended."""

from typing import Any

import pytest

from tests.rehearsal.engines.played import NEW, Played


def run(played: Played, name: str, **given: Any) -> dict[str, Any]:
    """Run a task of a definition in a cluster, both of that name."""
    answer = played.client("ecs").run_task(cluster=name, taskDefinition=name, **given)
    task: dict[str, Any] = answer["tasks"][0]
    return task


@pytest.fixture
def cluster(played: Played, name: str) -> str:
    """A cluster and a task definition of one name."""
    ecs = played.client("ecs")
    ecs.create_cluster(clusterName=name)
    container = {"name": "web", "image": f"i@{NEW}", "memory": 8, "environment": [{"name": "A", "value": "b"}]}
    ecs.register_task_definition(family=name, containerDefinitions=[container])
    return name


@pytest.mark.parametrize(("command", "code"), [(["migrate"], 0), (["fail"], 3)])
def test_exit_codes(played: Played, cluster: str, command: list[str], code: int) -> None:
    """The data plane gets image, command and variables; the container's exit code is shown."""
    override = {"name": "web", "command": command, "environment": [{"name": "C", "value": "d"}]}
    task = run(played, cluster, overrides={"containerOverrides": [override]}, startedBy="me")
    found = played.client("ecs").describe_tasks(cluster=cluster, tasks=[task["taskArn"]])["tasks"][0]
    assert ("STOPPED", code) == (found["lastStatus"], found["containers"][0]["exitCode"])
    ordered = played.plane.one_off[task["taskArn"].rpartition("/")[2]]
    assert (NEW, command, {"A": "b", "C": "d"}) == (ordered["image_digest"], ordered["command"], ordered["environment"])


def test_the_same_token_is_the_same_task(played: Played, cluster: str) -> None:
    """A second RunTask with a client token starts nothing."""
    first, second = (run(played, cluster, clientToken="t") for _ in range(2))
    third = run(played, cluster, clientToken="u")
    assert first["taskArn"] == second["taskArn"] != third["taskArn"]


def test_listed_by_who_started_them(played: Played, cluster: str) -> None:
    """Tasks are found by startedBy."""
    mine, other = run(played, cluster, startedBy="me"), run(played, cluster, startedBy="you")
    listed = played.client("ecs").list_tasks(cluster=cluster, startedBy="me", desiredStatus="STOPPED")["taskArns"]
    assert [mine["taskArn"]] == listed
    assert mine["taskArn"] != other["taskArn"]
