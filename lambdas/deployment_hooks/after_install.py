"""Once the new version's tasks were asked for: they run the right image, and the load balancer finds them healthy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from deployment_hooks import outcome, running_tasks
from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from deployment_hooks.running_tasks import RunningTask


def check(context: HookContext) -> Outcome:
    """As many healthy tasks of the target's digest as are wanted. Checked even if the target served already: these are
    other tasks.
    """
    digest, new = context.state.target.digest, context.state.new
    if digest is None:
        return outcome.failed(f"{context.state.target.arn} names its image by a tag, so nobody knows what runs")
    if new is None or new.target_group_arn is None:
        return outcome.in_progress("the new version has no tasks behind a target group yet")
    wanted = max(new.desired, context.plan.desired_tasks)
    tasks = running_tasks.of_task_definition(context.plan, new.task_definition)
    return judge(wanted, digest, tasks, running_tasks.target_health(new.target_group_arn))


def judge(wanted: int, digest: str, tasks: Sequence[RunningTask], health: Counter[str]) -> Outcome:
    """Whether `wanted` tasks run `digest`, and as many targets are healthy. A wrong digest never becomes right."""
    wrong = [f"task {task.id} runs {task.digest}" for task in tasks if task.digest not in (None, digest)]
    if wrong:
        return outcome.failed(f"{'; '.join(wrong)}, not {digest}")
    right = sum(task.status == "RUNNING" and task.digest == digest for task in tasks)
    if right >= wanted and health["healthy"] >= wanted:
        return outcome.succeeded(f"{wanted} of {wanted} tasks run {digest} and are healthy")
    others = ", ".join(f"{count} {state}" for state, count in sorted(health.items()) if state != "healthy")
    return outcome.in_progress(
        f"{right} of {wanted} tasks run {digest}, {health['healthy']} targets are healthy{f' ({others})' if others else ''}"
    )
