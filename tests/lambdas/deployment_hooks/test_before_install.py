"""Before install: what the new version needs, and the migration."""

from __future__ import annotations

import boto3
import pytest
from release_plan import REGION
from release_world import ReleaseWorld

from rehearsal.ports import free_port
from rehearsal.servers.postgresql import PostgreSQL

EXECUTION = "hook#before_install#before_install-1"


def test_a_release_without_a_migration_passes_at_once(world: ReleaseWorld, postgresql_server: PostgreSQL) -> None:
    """Its database answers, its secret is there, its subnets have room."""
    world.write_plan(
        migration=None,
        dependencies=[
            {"name": "database", "kind": "postgresql", "host": "localhost", "port": postgresql_server.login.port}
        ],
    )
    found = world.deliver("before_install")
    assert ("SUCCEEDED", "dependencies, secrets and room are there") == (found["status"], found["reason"])
    assert [] == world.one_off_tasks()


def test_everything_that_is_missing_is_told_at_once(world: ReleaseWorld) -> None:
    """Two dependencies and a secret, in one sentence."""
    port = free_port()
    boto3.client("secretsmanager", REGION).delete_secret(SecretId=world.secret)
    world.write_plan(
        dependencies=[
            {"name": "cache", "kind": "redis", "host": "localhost", "port": port},
            {"name": "queue", "kind": "amqp", "host": "localhost", "port": port},
        ]
    )
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert f"cache (redis) at localhost:{port}: the connection was refused" in found["reason"]
    assert f"queue (amqp) at localhost:{port}: the connection was refused" in found["reason"]
    assert "is scheduled for deletion" in found["reason"]
    assert [] == world.one_off_tasks()


def test_a_dependency_may_still_come(world: ReleaseWorld, postgresql_server: PostgreSQL) -> None:
    """Refused at the first look, there at the second."""
    world.write_plan(
        migration=None,
        dependencies=[{"name": "database", "kind": "postgresql", "host": "localhost", "port": free_port()}],
    )
    assert "IN_PROGRESS" == world.deliver("before_install")["status"]
    world.write_plan(
        dependencies=[
            {"name": "database", "kind": "postgresql", "host": "localhost", "port": postgresql_server.login.port}
        ]
    )
    assert "SUCCEEDED" == world.deliver("before_install")["status"]


def test_a_dependency_is_not_waited_for_in_the_migrations_time(world: ReleaseWorld) -> None:
    """Of 75 seconds, 60 are the migration's."""
    world.write_plan(dependencies=[{"name": "cache", "kind": "redis", "host": "localhost", "port": free_port()}])
    assert "IN_PROGRESS" == world.deliver("before_install")["status"]
    world.advance(16)
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert "cache (redis)" in found["reason"]


@pytest.mark.parametrize("state", ["missing", "without a current version"])
def test_a_secret_that_tasks_could_not_read(world: ReleaseWorld, state: str) -> None:
    """Tasks would not start without it."""
    secrets = boto3.client("secretsmanager", REGION)
    arn = secrets.create_secret(Name="empty")["ARN"] if state != "missing" else world.secret.replace("web-", "gone-")
    world.write_plan(secrets=[arn])
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert ("does not exist" if state == "missing" else "has no current version") in found["reason"]


def test_no_room_for_the_new_tasks(world: ReleaseWorld) -> None:
    """A subnet of 251 addresses does not hold 1000 tasks."""
    world.write_plan(migration=None, desired_tasks=1000)
    found = world.deliver("before_install")
    assert "IN_PROGRESS" == found["status"]
    assert "free addresses for 1000 new tasks" in found["reason"]


def test_the_migration_is_one_task_of_the_new_image(world: ReleaseWorld) -> None:
    """Its command replaces the container's, and its end is waited for by looking again."""
    first = world.deliver("before_install")
    assert "IN_PROGRESS" == first["status"]
    (task,) = world.one_off_tasks()
    assert world.new == task.task_definition_arn
    assert [{"name": "web", "command": ["migrate", "up"]}] == task.overrides["containerOverrides"]
    assert f"the migration, task {task.id}, is RUNNING" == first["reason"]
    assert "IN_PROGRESS" == world.deliver("before_install")["status"]
    world.end_migration(0)
    assert ("SUCCEEDED", "the migration ended well") == tuple(
        world.deliver("before_install")[name] for name in ("status", "reason")
    )
    assert 1 == len(world.one_off_tasks())
    assert {"exit_code": "0", "task_arn": task.task_arn, "task_definition": world.new}.items() <= world.entry(
        "migration"
    ).items()


def test_a_failed_migration_says_where_its_output_is(world: ReleaseWorld) -> None:
    """Exit code, log group and stream."""
    world.deliver("before_install")
    (task,) = world.one_off_tasks()
    world.end_migration(3)
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert f"exit code 3; its output is in log group /shop/web, stream web/web/{task.id}" in found["reason"]


def test_a_migration_that_never_ran_has_failed(world: ReleaseWorld) -> None:
    """An image that cannot be pulled gives no exit code."""
    world.deliver("before_install")
    world.one_off_tasks()[0].stopped_reason = "CannotPullContainerError"
    world.end_migration(None)
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert "the migration never ran (CannotPullContainerError)" in found["reason"]
    assert "-1" == world.entry("migration")["exit_code"]


def test_a_migration_beyond_its_time_is_stopped(world: ReleaseWorld) -> None:
    """It must not go on beside its own way back."""
    world.deliver("before_install")
    world.advance(61)
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert "the migration was stopped after 60 s" in found["reason"]
    assert "STOPPED" == world.one_off_tasks()[0].desired_status


def test_a_migration_is_stopped_when_the_hooks_time_is_over(world: ReleaseWorld) -> None:
    """Whoever is late for both limits."""
    world.deliver("before_install")
    world.advance(100)
    found = world.deliver("before_install")
    assert "FAILED" == found["status"]
    assert found["reason"].startswith("before_install timed out after 75 s: the migration, task ")
    assert "STOPPED" == world.one_off_tasks()[0].desired_status


def test_only_the_active_region_migrates(world: ReleaseWorld) -> None:
    """The stand-in's database is a replica; it gets the schema by replication."""
    world.write_plan(active_region="us-east-1")
    found = world.deliver("before_install")
    assert ("SUCCEEDED", "dependencies, secrets and room are there; the migration is the active region's") == (
        found["status"],
        found["reason"],
    )
    assert [] == world.one_off_tasks()
    assert {} == world.entry("migration")


def test_what_is_live_already_needs_nothing(world: ReleaseWorld) -> None:
    """No migration, and no dependency asked for, in the second deployment of a rollback."""
    world.release_what_serves()
    world.write_plan(dependencies=[{"name": "cache", "kind": "redis", "host": "localhost", "port": free_port()}])
    found = world.deliver("before_install")
    assert "SUCCEEDED" == found["status"]
    assert "served already before this release" in found["reason"]
    assert [] == world.one_off_tasks()
