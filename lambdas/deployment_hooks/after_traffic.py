"""Once users meet the new version: is it worse than the old one, or than the objectives allow?

Its tasks must be healthy still, which the load balancer knows at once, and it must answer requests of our own within the
limits: of a version that fell ill during the last minutes no number has arrived yet.

The numbers are the load balancer's, per target group. They come by the minute and late, so the hook waits for enough of
them until its limit is near; then the plan says what too little data means. By default the new version answers requests of
our own, sent to the test listener: it leads to the new version alone, whatever the production listener's weights; by then
no listener leads to the old version, so those requests are held against the absolute limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from deployment_hooks import (
    comparison,
    metrics,
    outcome,
    request_series,
    running_tasks,
    test_traffic,
    windows,
)
from deployment_hooks.comparison import Counts
from deployment_hooks.context import HookContext
from deployment_hooks.metrics import Source, Window
from deployment_hooks.outcome import Outcome, Status
from deployment_hooks.release_state import Version
from shared import clock, smoke_tests
from shared.http_requests import Request
from shared.plan import Comparison, Limits

SYNTHETIC_PER_SECOND: Final = 100.0
"""Most requests of our own in a second."""
DECIDING_SECONDS: Final = 5.0
"""Kept for the last look to begin and to read, beside the requests of our own."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of one version over its window. The bounds are of its 95th percentile, in milliseconds."""

    counts: Counts
    p95_at_least: float | None = None
    p95_at_most: float | None = None


def check(context: HookContext) -> Outcome:
    """Compare as soon as there are enough requests; decide without them when the time is up."""
    state, plan = context.state, context.plan
    if state.live:
        return outcome.succeeded(state.live)
    if not state.desired_tasks and not plan.desired_tasks:
        return outcome.succeeded("no task is wanted here, so nobody is served")
    if state.new is None or state.new.target_group_arn is None:
        return outcome.failed("the new version has no target group whose numbers could be read")
    if unhealthy := running_tasks.target_health(state.new.target_group_arn)["unhealthy"]:
        return outcome.failed(
            f"{unhealthy} of the new version's tasks {'is' if unhealthy == 1 else 'are'} no longer healthy"
        )
    found = windows.arrived(
        shifted_at=context.deadline.started_at,
        now=clock.epoch(),
        side_by_side_seconds=plan.window_seconds,
        period_seconds=plan.metric_period_seconds,
        delay_seconds=plan.metric_delay_seconds,
    )
    new = _numbers(context, state.new, found.new if found else None)
    old = _numbers(context, state.old, found.old if found else None)
    least = plan.comparison.least_requests
    if new.counts.requests >= least and (state.old is None or old.counts.requests >= least):
        verdict = judge(new, old if state.old else None, plan.comparison, plan.limits)
        return _now(context, verdict) if verdict.status is Status.SUCCEEDED else verdict
    missing = (
        f"{new.counts.requests} requests of the new version and {old.counts.requests} of the old one are known, "
        f"each needs {least}"
    )
    spare = context.deadline.hook_left - _reserve(context)
    if spare > 0:
        return outcome.in_progress(missing, min(outcome.POLLING_SECONDS, ceil(spare)))
    return _without(context, new, missing)


def judge(new: Numbers, old: Numbers | None, rules: Comparison, limits: Limits) -> Outcome:
    """The verdict on numbers that say enough. `old` is None on a service's first release."""
    worse = [*_beyond(new, rules, limits), *(_worse(new, old, rules) if old else [])]
    told = f"{new.counts.failures} of {new.counts.requests} requests failed"
    if old:
        told += f", of the old version {old.counts.failures} of {old.counts.requests}"
    if worse:
        return outcome.failed(f"{'; '.join(worse)} ({told})")
    return outcome.succeeded(f"no worse than {'the old version' if old else 'the limits'}: {told}")


def _worse(new: Numbers, old: Numbers, rules: Comparison) -> list[str]:
    """Against the old version, each by its own test at the plan's confidence."""
    found = []
    confidence = rules.confidence_percent / 100
    if comparison.more_errors(new.counts, old.counts, confidence=confidence, margin=rules.more_errors_percent / 100):
        found.append(
            f"the new version fails more often: {new.counts.share:.2%} against {old.counts.share:.2%}, "
            f"by chance once in {1 / max(comparison.error_chance(new.counts, old.counts), 1e-12):.0f}"
        )
    if comparison.slower(new.p95_at_least, old.p95_at_most, margin=rules.slower_percent / 100):
        found.append(
            f"the new version is slower: its 95th percentile is at least {new.p95_at_least:.0f} ms, "
            f"the old one's at most {old.p95_at_most:.0f} ms"
        )
    return found


def _beyond(new: Numbers, rules: Comparison, limits: Limits) -> list[str]:
    """Against the absolute limits."""
    found = []
    confidence = rules.confidence_percent / 100
    if limits.error_rate is not None and comparison.errors_above(limits.error_rate, new.counts, confidence=confidence):
        found.append(f"{new.counts.share:.2%} of requests fail, of at most {limits.error_rate:.2%}")
    if limits.response_ms is not None and new.p95_at_least is not None and new.p95_at_least > limits.response_ms:
        found.append(f"the 95th percentile is at least {new.p95_at_least:.0f} ms, of at most {limits.response_ms:g}")
    return found


def _numbers(context: HookContext, version: Version | None, window: Window | None) -> Numbers:
    """Counts always; bounds of the percentile where there are enough requests for the counts to be compared."""
    plan = context.plan
    if version is None or version.target_group_arn is None or window is None:
        return Numbers(Counts(0, 0))
    source = Source(plan.load_balancer, plan.dimension(version.target_group_arn), plan.metric_period_seconds)
    counts = metrics.counts(source, window)
    if counts.requests < plan.comparison.least_requests or counts.failures == counts.requests:
        return Numbers(counts)
    # Two bounds are compared, so each may err half as often as their comparison.
    confidence = 1 - (1 - plan.comparison.confidence_percent / 100) / 2
    ranks = comparison.percentile_ranks(counts.requests, confidence=confidence)
    below = comparison.percent_below(ranks.lower, counts.requests) if ranks.lower else 0.0
    above = comparison.percent_above(ranks.upper, counts.requests) if ranks.upper else 100.0
    at_least, at_most = metrics.percentiles_ms(source, window, (below, above))
    return Numbers(
        counts,
        min(at_least) if ranks.lower and at_least else None,
        max(at_most) if ranks.upper and at_most else None,
    )


def _reserve(context: HookContext) -> float:
    """Seconds before the hook's limit at which it decides with what there is; half of the limit at most."""
    rules = context.plan.comparison
    needed = rules.synthetic_requests / SYNTHETIC_PER_SECOND if rules.too_little_data == "synthetic" else 0.0
    return min(needed + DECIDING_SECONDS, context.deadline.limit_seconds / 2)


def _without(context: HookContext, new: Numbers, missing: str) -> Outcome:
    """The verdict when the time is up and the numbers say too little."""
    rules, limits = context.plan.comparison, context.plan.limits
    if beyond := _beyond(new, rules, limits):
        return outcome.failed(f"{'; '.join(beyond)} ({missing})")
    match rules.too_little_data:
        case "accept":
            return outcome.succeeded(f"accepted with too little data, as the plan says: {missing}")
        case "fail":
            return outcome.failed(f"too little data: {missing}")
        case "synthetic":
            return _synthetic(context, missing)


def _now(context: HookContext, verdict: Outcome) -> Outcome:
    """The good verdict on minutes that have arrived, unless requests of our own say otherwise of this one."""
    found = _asked(context)
    if found is None or not found.beyond:
        return verdict
    return outcome.failed(f"by now {'; '.join(found.beyond)} ({found.told}), although it was {verdict.reason}")


def _synthetic(context: HookContext, missing: str) -> Outcome:
    """The verdict of requests of our own alone."""
    found = _asked(context)
    if found is None:
        return outcome.failed(f"too little data, and the plan names no request to send: {missing}")
    told = f"{found.told}, as {missing}"
    return outcome.failed(f"{'; '.join(found.beyond)} ({told})") if found.beyond else outcome.succeeded(told)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of requests of our own: limits that they broke, and how many failed."""

    beyond: list[str]
    told: str


def _asked(context: HookContext) -> Asked | None:
    """Requests of our own to the new version, judged by the absolute limits; without one, by the margin of errors. None if
    the plan names no request.
    """
    plan, rules = context.plan, context.plan.comparison
    requests = [smoke_tests.request(test) for test in plan.smoke_tests if not smoke_tests.writes(test)]
    if plan.load is not None:
        requests.append(Request("GET", plan.load.path, {}))
    if not requests:
        return None
    seconds = max(0.5, context.deadline.left - DECIDING_SECONDS / 2)
    series = request_series.send(
        test_traffic.address(context),
        requests,
        count=rules.synthetic_requests,
        per_second=max(SYNTHETIC_PER_SECOND, rules.synthetic_requests / seconds),
        timeout_seconds=max(0.5, min(5.0, context.deadline.left)),
    )
    ranks = comparison.percentile_ranks(len(series.seconds), confidence=rules.confidence_percent / 100)
    at_least = 1000 * series.seconds[ranks.lower - 1] if ranks.lower else None
    found = Numbers(Counts(series.sent, len(series.failures)), at_least)
    limit = plan.limits.error_rate if plan.limits.error_rate is not None else rules.more_errors_percent / 100
    first = f", first {series.failures[0]}" if series.failures else ""
    return Asked(
        _beyond(found, rules, Limits(error_rate=limit, response_ms=plan.limits.response_ms)),
        f"{len(series.failures)} of {series.sent} requests of our own failed{first}",
    )
