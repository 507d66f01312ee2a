"""What becomes of the database once the old version serves again: the way back that the migration declares.

A command is run as a one-off task of the new version's image, once, in the active region alone, and only if the migration
may have changed something. Tokens make each step one, however often it is asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from release_watch.beginning import Beginning
from shared import clock, one_off_task
from shared.ledger import MIGRATION, Entry, Ledger
from shared.one_off_task import NotStarted, OneOffTask, Placement
from shared.plan import Migration

ENTRY: Final = "watch#way_back"
NEVER_RAN: Final = -1
"""What the hook writes as exit code of a migration whose container never started."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far it is."""

    said: str | None
    """A sentence for the message; None when there was no migration."""
    waiting: bool = False
    failed: bool = False
    """The database is not as the old version left it, and somebody has to look."""


NOTHING: Final = Way(None)


def follow(release: str, beginning: Beginning, region: str, ledger: Ledger) -> Way:
    """Take the next step. The old version must have all requests already."""
    migration, plan = beginning.plan.migration, beginning.plan
    if migration is None or region != plan.active_region:
        return NOTHING
    entry = ledger.read(release, MIGRATION)
    if entry is None or entry.get("exit_code") == NEVER_RAN:
        return NOTHING
    if migration.way_back == "compatible":
        return Way("The database keeps the new schema, on which the old version runs.")
    if migration.way_back == "none":
        return Way(f"The database keeps what the migration did; it has no way back, because {migration.because}.")
    unfinished = _end_migration(beginning, entry)
    return _command(release, beginning, migration, ledger) if unfinished is None else unfinished


def _end_migration(beginning: Beginning, entry: Entry) -> Way | None:
    """None once the migration's own task has ended, so that it does not go on beside its way back."""
    if "exit_code" in entry:
        return None
    plan = beginning.plan
    known = entry.get("task_arn")
    task = (
        one_off_task.describe(plan.cluster, str(known), plan.container)
        if known
        else one_off_task.find(plan.cluster, str(entry.get("token", "")), plan.container)
    )
    if task is None:
        # Forgotten an hour after its end; or asked for by a call that died before it asked ECS.
        return None if known else NOTHING
    if task.stopped:
        return None
    one_off_task.stop(plan.cluster, task.arn, "the release it belongs to was taken back")
    return Way("the migration is being ended", waiting=True)


def _command(release: str, beginning: Beginning, migration: Migration, ledger: Ledger) -> Way:
    plan = beginning.plan
    token = f"back-{hashlib.sha256(release.encode()).hexdigest()[:24]}"
    entry, _ = ledger.put_once(release, ENTRY, {"started_at": clock.epoch(), "token": token})
    if "exit_code" in entry:
        return _ended(entry["exit_code"], str(entry.get("reason", "")))
    try:
        task = _task(beginning, migration, token, entry.get("task_arn"))
    except NotStarted as failure:
        return Way(f"The migration's way back does not run: {failure}.", failed=True)
    if task is None:
        return Way("The migration's way back was started, and ECS has forgotten how it ended.", failed=True)
    if "task_arn" not in entry:
        ledger.add_once(release, ENTRY, {"task_arn": task.arn}, unless="task_arn")
    if task.stopped:
        code = NEVER_RAN if task.exit_code is None else task.exit_code
        entry, _ = ledger.add_once(release, ENTRY, {"exit_code": code, "reason": task.reason}, unless="exit_code")
        return _ended(entry["exit_code"], str(entry.get("reason", "")))
    if clock.epoch() - float(entry["started_at"] or 0) <= migration.timeout_seconds:
        return Way(f"the migration's way back runs as {task.arn}", waiting=True)
    return Way(
        f"The migration's way back still ran after {migration.timeout_seconds:g} s, and was left to run: {task.arn} in "
        f"{plan.cluster}.",
        failed=True,
    )


def _task(beginning: Beginning, migration: Migration, token: str, known: object) -> OneOffTask | None:
    plan = beginning.plan
    if known:
        return one_off_task.describe(plan.cluster, str(known), plan.container)
    return one_off_task.find(plan.cluster, token, plan.container) or one_off_task.start(
        Placement(plan.cluster, migration.subnets, migration.security_groups),
        beginning.versions.new_task_definition,
        container=plan.container,
        command=migration.back_command,
        token=token,
    )


def _ended(code: object, reason: str) -> Way:
    if code == 0:
        return Way("The migration's way back was run, and ended well.")
    how = "never ran" if code == NEVER_RAN else f"ended with exit code {code}"
    return Way(f"The migration's way back {how}{f' ({reason})' if reason else ''}.", failed=True)
