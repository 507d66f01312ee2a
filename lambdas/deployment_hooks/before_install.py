"""Before any task of the new version is asked for: dependencies, secrets, room; then the migration."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from deployment_hooks import capacity, migration, outcome, probes, secret_versions
from deployment_hooks.context import HookContext
from deployment_hooks.outcome import Outcome
from deployment_hooks.probes import Finding


def check(context: HookContext) -> Outcome:
    """What the new version needs is there, and the database is ready for it."""
    if context.state.live:
        return outcome.succeeded(context.state.live)
    planned = context.plan.migration if context.in_active_region else None
    if planned is None or not migration.begun(context):
        found = _needs(context)
        if found is not None:
            return found
    if planned is None:
        kept = "; the migration is the active region's" if context.plan.migration else ""
        return outcome.succeeded(f"dependencies, secrets and room are there{kept}")
    if not context.state.target.digest:
        return outcome.failed(
            f"{context.state.target.arn} names its image by a tag, so nobody knows what would migrate"
        )
    return migration.check(context, planned)


def _needs(context: HookContext) -> Outcome | None:
    """What is missing; None when nothing is. All findings at once. What may still come is waited for, within the time
    that the migration does not need.
    """
    findings = [*_unreachable(context), *_secrets(context), *_room(context)]
    if not findings:
        return None
    told = "; ".join(finding.text for finding in findings)
    share = context.plan.migration.timeout_seconds if context.plan.migration and context.in_active_region else 0
    if any(finding.lasting for finding in findings) or context.deadline.hook_left <= share:
        return outcome.failed(told)
    return outcome.in_progress(told)


def _unreachable(context: HookContext) -> Iterable[Finding]:
    dependencies = context.plan.dependencies
    if not dependencies:
        return []
    limit = min(probes.PROBE_SECONDS, context.deadline.left)
    with ThreadPoolExecutor(max_workers=len(dependencies)) as threads:
        asked = threads.map(lambda dependency: probes.probe(dependency, timeout_seconds=limit), dependencies)
        return [finding for finding in asked if finding is not None]


def _secrets(context: HookContext) -> Iterable[Finding]:
    for arn in context.plan.secrets:
        if (problem := secret_versions.problem(arn)) is not None:
            yield Finding(f"the secret {arn.rsplit(':', 1)[-1]} {problem}", lasting=True)


def _room(context: HookContext) -> Iterable[Finding]:
    wanted, subnets = max(context.state.desired_tasks, context.plan.desired_tasks), context.state.subnets
    if wanted and not subnets:
        yield Finding("ECS does not say in which subnets the new tasks start", lasting=True)
    elif wanted and (free := capacity.free_addresses(subnets)) < wanted:
        yield Finding(f"the subnets have {free} free addresses for {wanted} new tasks", lasting=False)
