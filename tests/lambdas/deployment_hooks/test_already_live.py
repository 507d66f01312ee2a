"""What counts as live already: what served before, the same to the last variable, pinned and stable."""

from __future__ import annotations

import pytest
from release_world import NEW_DIGEST, OLD_DIGEST, REVISION, ReleaseWorld, register, release_world

SHORT_CUTS = ("before_install", "test_traffic", "before_traffic", "after_traffic")


def _release(world: ReleaseWorld, task_definition: str) -> None:
    """Make the release one of `task_definition`."""
    before = world.old
    world.old = task_definition
    world.release_what_serves()
    world.old = before


@pytest.mark.parametrize("stage", SHORT_CUTS)
def test_every_stage_but_one_recognises_it(world: ReleaseWorld, stage: str) -> None:
    """Before the new tasks stand, and once they do."""
    world.release_what_serves()
    assert "served already" in world.deliver(stage)["reason"]
    world.install()
    found = world.deliver(stage, execution="2")
    assert "SUCCEEDED" == found["status"]
    assert "served already" in found["reason"]


def test_new_tasks_of_the_same_version_must_still_be_healthy(world: ReleaseWorld) -> None:
    """They are other tasks, which users will meet."""
    world.release_what_serves()
    world.install(healthy=False)
    assert "IN_PROGRESS" == world.deliver("after_install")["status"]
    world.health[world.plan["green_arn"]] = ["healthy", "healthy"]
    assert "SUCCEEDED" == world.deliver("after_install")["status"]


def test_after_the_shift_the_old_tasks_still_tell() -> None:
    """CodeDeploy has made the new set PRIMARY by then."""
    with release_world("codedeploy") as world:
        world.release_what_serves()
        world.install()
        world.shift()
        assert "served already" in world.deliver("after_traffic")["reason"]


def test_the_same_content_in_another_revision_is_the_same(world: ReleaseWorld) -> None:
    """CloudFormation may have registered it anew."""
    _release(world, register(OLD_DIGEST))
    assert "served already" in world.deliver("before_traffic")["reason"]


def test_the_same_image_with_another_variable_is_checked(world: ReleaseWorld) -> None:
    """A configuration can break as well as a program."""
    _release(world, register(OLD_DIGEST, FEATURE="on"))
    assert "served already" not in world.deliver("before_traffic")["reason"]


def test_a_tag_is_never_taken_for_the_same(world: ReleaseWorld) -> None:
    """The same tag may have become another image."""
    for task_definition in (world.old, world.new):
        family, revision = task_definition.rsplit("/", 1)[-1].split(":")
        definition = world._ecs.task_definitions[family][int(revision)]
        definition.container_definitions[0]["image"] = "shop/web:latest"
    world.release_what_serves()
    assert "served already" not in world.deliver("before_traffic")["reason"]


def test_what_has_lost_a_task_is_not_live() -> None:
    """A version that cannot keep its tasks is no proof of itself."""
    with release_world("codedeploy") as world:
        world.release_what_serves()
        world._service.task_sets = [world._task_set("old", "PRIMARY", tasks=1)]
        assert "served already" not in world.deliver("before_traffic")["reason"]


def test_T7_tasks_that_came_with_the_service_prove_nothing() -> None:
    """On the first release they are the same version, and its migration has not run."""
    with release_world("codedeploy") as world:
        world.release_what_serves()
        world._service.task_sets = [world._task_set("old", "PRIMARY") | {"externalId": None}]
        assert "served already" not in world.deliver("before_install")["reason"]


def test_a_set_of_another_failed_release_did_not_serve() -> None:
    """The PRIMARY one did, and that runs something else."""
    with release_world("codedeploy") as world:
        leftover = world._task_set("old", "ACTIVE") | {"taskDefinition": world.new, "id": "ecs-svc/left"}
        world._service.task_sets = [leftover, world._task_set("old", "PRIMARY")]
        assert "served already" not in world.deliver("before_traffic")["reason"]


def test_a_revision_that_never_got_all_users_did_not_serve() -> None:
    """ECS replaces an unfinished deployment: two revisions run, and neither counts."""
    with release_world("ecs") as world:
        world.service_deployment["sourceServiceRevisions"].append(
            {"arn": REVISION + "3", "requestedTaskCount": 2, "runningTaskCount": 2}
        )
        world.revisions[REVISION + "3"] = {"serviceRevisionArn": REVISION + "3", "taskDefinition": world.new}
        assert "served already" not in world.deliver("before_traffic")["reason"]


@pytest.mark.parametrize("stage", SHORT_CUTS)
@pytest.mark.parametrize("named", [True, False])
def test_a_hook_on_the_way_back_lets_the_old_revision_through(stage: str, *, named: bool) -> None:
    """Whatever the event's target is, ECS says where the deployment goes."""
    with release_world("ecs") as world:
        world.install()
        world.roll_back()
        if not named:
            del world.service_deployment["rollback"]
        found = world.deliver(stage)
        assert "SUCCEEDED" == found["status"]
        assert OLD_DIGEST in found["reason"]


def test_on_the_way_back_the_old_tasks_health_is_checked() -> None:
    """Not that of the version that failed."""
    with release_world("ecs") as world:
        world.install(healthy=False)
        world.roll_back()
        found = world.deliver("after_install")
        assert f"2 of 2 tasks run {OLD_DIGEST} and are healthy" == found["reason"]


def test_the_first_release_of_a_service_has_nothing_to_be_live() -> None:
    """Everything is checked."""
    with release_world("ecs") as world:
        world.service_deployment["sourceServiceRevisions"] = []
        world.install()
        assert f"2 of 2 tasks run {NEW_DIGEST} and are healthy" == world.deliver("after_install")["reason"]
        assert "served already" not in world.deliver("before_traffic")["reason"]
