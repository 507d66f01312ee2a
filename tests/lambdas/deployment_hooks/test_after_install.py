"""After install: healthy, and the right image."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from release_world import NEW_DIGEST, OLD_DIGEST, ReleaseWorld

from deployment_hooks.after_install import judge
from deployment_hooks.outcome import Status
from deployment_hooks.running_tasks import RunningTask


def test_tasks_are_waited_for(world: ReleaseWorld) -> None:
    """None, then starting, then healthy."""
    assert "IN_PROGRESS" == world.deliver("after_install")["status"]
    world.install(healthy=False)
    found = world.deliver("after_install")
    assert ("IN_PROGRESS", f"2 of 2 tasks run {NEW_DIGEST}, 0 targets are healthy (2 unhealthy)") == (
        found["status"],
        found["reason"],
    )
    world.health[world.plan["green_arn"]] = ["healthy", "healthy"]
    assert "SUCCEEDED" == world.deliver("after_install")["status"]


def test_tasks_that_never_become_healthy_time_out(world: ReleaseWorld) -> None:
    """With what was still missing."""
    world.install(healthy=False)
    world.deliver("after_install")
    world.advance(11)
    found = world.deliver("after_install")
    assert "FAILED" == found["status"]
    assert (
        f"after_install timed out after 10 s: 2 of 2 tasks run {NEW_DIGEST}, 0 targets are healthy (2 unhealthy)"
        == (found["reason"])
    )


def test_a_task_of_another_image_fails_at_once(world: ReleaseWorld) -> None:
    """Waiting does not change what runs."""
    world.install()
    for task in world._ecs.tasks["shop-prod"].values():
        task.containers[0].imageDigest = OLD_DIGEST
    found = world.deliver("after_install")
    assert "FAILED" == found["status"]
    assert f"runs {OLD_DIGEST}, not {NEW_DIGEST}" in found["reason"]


def test_fewer_than_the_plans_tasks_are_too_few(world: ReleaseWorld) -> None:
    """Whatever ECS was asked for."""
    world.write_plan(desired_tasks=3)
    world.install()
    assert "IN_PROGRESS" == world.deliver("after_install")["status"]


def test_no_task_is_enough_where_none_is_wanted() -> None:
    """A stand-in at zero."""
    assert Status.SUCCEEDED == judge(0, NEW_DIGEST, [], Counter()).status


tasks = st.lists(
    st.builds(
        RunningTask,
        st.just("id"),
        st.sampled_from(["RUNNING", "PENDING"]),
        st.sampled_from([None, NEW_DIGEST, OLD_DIGEST]),
    ),
    max_size=5,
)


@given(st.integers(1, 4), tasks, st.integers(0, 5), st.integers(0, 5))
def test_it_passes_only_with_enough_of_the_right_ones(
    wanted: int, found: list[RunningTask], healthy: int, unhealthy: int
) -> None:
    """And never beside a wrong one."""
    outcome = judge(wanted, NEW_DIGEST, found, Counter(healthy=healthy, unhealthy=unhealthy))
    right = [task for task in found if task == RunningTask("id", "RUNNING", NEW_DIGEST)]
    wrong = any(task.digest == OLD_DIGEST for task in found)
    assert (outcome.status is Status.SUCCEEDED) == (len(right) >= wanted and healthy >= wanted and not wrong)
    assert (outcome.status is Status.FAILED) == wrong
