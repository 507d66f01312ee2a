"""The database goes back when the version that migrated it does: once, and only where and when it must."""

from __future__ import annotations

from typing import Any

import pytest
from moto.ecs.models import ecs_backends
from watching.stage import ACCOUNT, DEPLOYMENT, PREFIX, REGION, TABLE, Stage

from shared import aws
from shared.ledger import MIGRATION, Ledger

PLAN: dict[str, Any] = {
    "command": ["migrate"],
    "timeout_seconds": 60,
    "way_back": "command",
    "back_command": ["migrate", "back"],
    "subnets": ["subnet-1"],
    "security_groups": ["sg-1"],
}


def migrated(stage: Stage, **entry: Any) -> None:
    """What the hook wrote, whose task ended well unless `entry` says otherwise."""
    values = {"started_at": stage.now, "task_definition": stage.new, "token": "migrate-1", "exit_code": 0, **entry}
    Ledger(TABLE).put_once(DEPLOYMENT, MIGRATION, {name: value for name, value in values.items() if value is not None})


def take_back(stage: Stage, code: int = 0, looks: int = 3) -> tuple[str, str]:
    """Follow a release that is taken back, whose one-off tasks end with `code`; its one message."""
    ends = [lambda: stage.task_ends(code)]
    idle = [lambda: None] * looks
    stage.follow([stage.fail, stage.begin_rollback, stage.end_rollback, *idle, *ends])
    [message] = stage.messages
    return message


def test_a_command_is_run_in_the_new_image(stage: Stage) -> None:
    """By the task definition that was released, once, in place of the container's own command."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage)
    subject, body = take_back(stage)
    [request] = stage.apis.run_requests
    assert stage.new == request["taskDefinition"]
    assert [{"name": "web", "command": ["migrate", "back"]}] == request["overrides"]["containerOverrides"]
    assert "The migration's way back was run, and ended well." in body
    assert "release taken back" in subject


def test_a_command_that_fails(stage: Stage) -> None:
    """The old version serves on a schema that nobody has checked it on: somebody has to look."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage)
    subject, body = take_back(stage, code=3)
    assert "shop-prod web: taken back, BUT ITS DATABASE IS NOT" == subject
    assert "The migration's way back ended with exit code 3." in body
    assert 'follow "The database has not gone back" in the runbook now' in body


def test_a_command_that_does_not_end(stage: Stage) -> None:
    """Left to run, since half of it may be worse than all."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage)
    stage.follow([stage.fail, stage.begin_rollback, stage.end_rollback])
    assert "still ran after 60 s" in stage.messages[0][1]
    assert ["RUNNING"] == [task.last_status for task in ecs_backends[ACCOUNT][REGION].tasks[PREFIX].values()]


@pytest.mark.parametrize(
    ("way_back", "expected"),
    [
        ({"way_back": "compatible"}, "The database keeps the new schema, on which the old version runs."),
        ({"way_back": "none", "because": "it only adds"}, "it has no way back, because it only adds."),
    ],
)
def test_ways_without_a_command(stage: Stage, way_back: dict[str, Any], expected: str) -> None:
    """Nothing is run; what that means for the database is told."""
    stage.build(migration={**PLAN, **way_back})
    stage.start()
    migrated(stage)
    assert expected in take_back(stage)[1]
    assert [] == stage.apis.run_requests


def test_a_migration_that_never_was(stage: Stage) -> None:
    """The ledger has no entry, so there is nothing to go back from."""
    stage.build(migration=PLAN)
    stage.start()
    assert "migration" not in take_back(stage)[1]
    assert [] == stage.apis.run_requests


def test_a_migration_whose_container_never_started(stage: Stage) -> None:
    """Nor here."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage, exit_code=-1)
    take_back(stage)
    assert [] == stage.apis.run_requests


def test_a_migration_that_failed_half_way(stage: Stage) -> None:
    """Goes back too."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage, exit_code=1)
    take_back(stage)
    assert 1 == len(stage.apis.run_requests)


def test_a_stand_in_region(stage: Stage) -> None:
    """Its database takes no writes, and the active region's watch does what is needed."""
    stage.build(migration=PLAN, active_region="eu-west-1")
    stage.start()
    migrated(stage)
    take_back(stage)
    assert [] == stage.apis.run_requests


@pytest.mark.parametrize("known", [False, True])
def test_a_migration_that_still_runs(stage: Stage, *, known: bool) -> None:
    """Is ended first, and found by its token if the hook died before it noted the task."""
    stage.build(migration=PLAN)
    stage.start()
    task = aws.client("ecs").run_task(
        cluster=PREFIX,
        taskDefinition=stage.new,
        launchType="FARGATE",
        startedBy="migrate-1",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [stage.subnet], "securityGroups": [stage.group]}},
    )["tasks"][0]["taskArn"]
    migrated(stage, exit_code=None, task_arn=task if known else None)
    tasks = ecs_backends[ACCOUNT][REGION].tasks[PREFIX]
    take_back(stage)
    assert "STOPPED" == tasks[task].last_status
    assert [["migrate", "back"]] == [
        request["overrides"]["containerOverrides"][0]["command"]
        for request in stage.apis.run_requests
        if "overrides" in request
    ]


def test_a_migration_that_was_never_asked_for(stage: Stage) -> None:
    """The hook died between its entry and its request: no task bears the token."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage, exit_code=None)
    take_back(stage)
    assert [] == stage.apis.run_requests


def test_an_unclear_end_leaves_the_database_alone(stage: Stage) -> None:
    """The new version may still serve, and its schema must not be taken from under it."""
    stage.build(migration=PLAN)
    stage.start()
    migrated(stage)
    stage.follow([stage.fail, stage.begin_rollback, lambda: stage.end_rollback("Failed")])
    assert [] == stage.apis.run_requests
    assert "way back was not taken, because it is unclear which version is live" in stage.messages[0][1]
