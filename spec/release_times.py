"""How long each part of a release takes or may take: the figures behind objectives, time-outs and the hooks' plan.

What the clock measures, and why, is decision 9.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from spec.release import HOOKS, HookName, Release
from spec.services import Service

METRIC_PERIOD_SECONDS: Final = 60
"""The load balancer reports once a minute (ELB User Guide, CloudWatch metrics: "sends its metrics in 60-second intervals")."""

METRIC_DELAY_SECONDS: Final = 60
"""From the end of a period to the alarm's state. AWS publishes no figure; alarms look again every minute (CloudWatch User
Guide, alarm evaluation), so one period passes at most once the numbers are there."""

MOST_MINUTES_OF_A_DEPLOYMENT: Final = 60
"""CloudFormation waits an hour for a custom resource (User Guide, custom resources, ServiceTimeout)."""


def step_percentages(release: Release) -> tuple[int, ...]:
    """Share of the requests that the new version answers after each step: (10, 100), (34, 68, 100), (100,)."""
    if release.strategy == "canary":
        return (release.canary_percent, 100)
    if release.strategy == "linear":
        return (*range(release.linear_percent, 100, release.linear_percent), 100)
    return (100,)


def step_minutes(release: Release) -> int:
    """Minutes between two steps; 0 where there is one."""
    return {"canary": release.canary_minutes, "linear": release.linear_minutes}.get(release.strategy, 0)


def window_seconds(release: Release) -> int:
    """How long users meet old and new side by side."""
    return 60 * step_minutes(release) * (len(step_percentages(release)) - 1)


def detection_seconds(release: Release) -> int:
    """From the first bad minute to the alarm: all its periods, then the delay of the numbers."""
    return METRIC_PERIOD_SECONDS * release.alarms.datapoints + METRIC_DELAY_SECONDS


def watched_periods(release: Release) -> int:
    """How many of the metrics' periods an alarm of the release looks at, of which as many as `datapoints` must be bad.

    In a rolling update ECS takes from the alarms how long it watches, so a longer bake is one of theirs.
    """
    if release.shifts:
        return release.alarms.datapoints
    asked = 60 * (release.bake_minutes or 0) - METRIC_DELAY_SECONDS
    return max(release.alarms.datapoints, asked // METRIC_PERIOD_SECONDS)


def rolling_bake_seconds(release: Release) -> int:
    """How long ECS watches once the old tasks are gone: for as long as the alarms look back, as far as is known."""
    return METRIC_PERIOD_SECONDS * watched_periods(release) + METRIC_DELAY_SECONDS


def bake_minutes(release: Release) -> int:
    """How long alarms watch after the last step."""
    if release.bake_minutes is not None:
        return release.bake_minutes
    return ceil(detection_seconds(release) / 60) if release.strategy == "blue_green" else 0


def hook_limit_seconds(service: Service, hook: HookName) -> int:
    """How long `hook` may take; before_install has the migration's time on top."""
    limit = service.release.hooks.limit(hook)
    if hook == "before_install" and service.migration is not None:
        limit += service.migration.timeout_seconds
    return limit


def ready_seconds(service: Service) -> int:
    """From the order for new tasks to healthy ones."""
    ready = service.health.readiness
    return service.health.startup.expected_seconds + ready.interval_seconds * ready.healthy_threshold


def install_limit_seconds(service: Service) -> int:
    """When new tasks that are not healthy are given up: the grace they have, the checks, and once more what is expected."""
    return max(service.health.startup.grace_seconds, service.health.startup.expected_seconds) + ready_seconds(service)


def total_limit_seconds(service: Service) -> int:
    """When a deployment that still has not finished is stopped: everything at its limit, and a minute for the engine."""
    hooks = sum(hook_limit_seconds(service, hook) for hook in HOOKS)
    release = service.release
    waits = 60 * (bake_minutes(release) + release.keep_old_minutes)
    return hooks + install_limit_seconds(service) + window_seconds(release) + waits + 60


def deployment_timeout_minutes(service: Service) -> int:
    """How long CloudFormation waits for a deployment: longer than it can last, so that it never turns away from one that
    still runs.
    """
    return min(ceil(total_limit_seconds(service) / 60) + 3, MOST_MINUTES_OF_A_DEPLOYMENT)
