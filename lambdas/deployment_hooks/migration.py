"""The migration: a one-off task of the new version's image, once per release, in the active region alone."""

from __future__ import annotations

import hashlib

from deployment_hooks import outcome
from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from deployment_hooks.release_state import Unfit
from shared import clock, one_off_task
from shared.ledger import MIGRATION
from shared.one_off_task import OneOffTask, Placement
from shared.plan import Migration


def begun(context: HookContext) -> bool:
    """Whether this release has asked for its migration already."""
    return context.ledger.read(context.release, MIGRATION) is not None


def check(context: HookContext, migration: Migration) -> Outcome:
    """Start the migration at the first look, and follow it to its end.

    The entry in the ledger comes first, so whoever takes the release back knows that a migration may have run. A call that
    dies after RunTask finds its task again, by the token that the task bears.
    """
    entry, _ = context.ledger.put_once(
        context.release,
        MIGRATION,
        {"started_at": clock.epoch(), "task_definition": context.state.target.arn, "token": token(context.release)},
    )
    task = _task(context, migration, entry.get("task_arn"))
    if "task_arn" not in entry:
        context.ledger.add_once(context.release, MIGRATION, {"task_arn": task.arn}, unless="task_arn")
    if not task.stopped:
        if clock.epoch() - float(entry["started_at"] or 0) <= migration.timeout_seconds:
            return outcome.in_progress(f"the migration, task {task.id}, is {task.status}")
        stop(context)
        return outcome.failed(
            f"the migration was stopped after {migration.timeout_seconds:g} s; its output is in {_logs(context, task)}"
        )
    code = -1 if task.exit_code is None else task.exit_code
    context.ledger.add_once(context.release, MIGRATION, {"exit_code": code}, unless="exit_code")
    if task.exit_code == 0:
        return outcome.succeeded("the migration ended well")
    ended = "never ran" if task.exit_code is None else f"ended with exit code {task.exit_code}"
    because = f" ({task.reason})" if task.reason else ""
    return outcome.failed(f"the migration {ended}{because}; its output is in {_logs(context, task)}")


def stop(context: HookContext) -> None:
    """End a migration that still runs, so that it does not go on beside its way back."""
    entry = context.ledger.read(context.release, MIGRATION) or {}
    task_arn = entry.get("task_arn")
    if task_arn and "exit_code" not in entry:
        one_off_task.stop(context.plan.cluster, str(task_arn), "the release it belongs to has failed")


def token(release: str) -> str:
    """What makes the migration of `release` one task, however many calls ask for it."""
    return f"migrate-{hashlib.sha256(release.encode()).hexdigest()[:24]}"


def _task(context: HookContext, migration: Migration, known: object) -> OneOffTask:
    cluster, container = context.plan.cluster, context.plan.container
    if known:
        task = one_off_task.describe(cluster, str(known), container)
        if task is None:
            raise Unfit(f"ECS no longer knows the task {known}")
        return task
    return one_off_task.find(cluster, token(context.release), container) or one_off_task.start(
        Placement(cluster, migration.subnets, migration.security_groups),
        context.state.target.arn,
        container=container,
        command=migration.command,
        token=token(context.release),
    )


def _logs(context: HookContext, task: OneOffTask) -> str:
    """The log group and stream, as the awslogs driver names them."""
    target = context.state.target
    if not target.log_group:
        return f"the logs of task {task.id}"
    stream = f"{target.log_stream_prefix}/{context.plan.container}/{task.id}" if target.log_stream_prefix else task.id
    return f"log group {target.log_group}, stream {stream}"
